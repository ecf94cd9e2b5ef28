/** Reverse-mode differentiation: a walk from the results back to what they were made of. */
import { ConfigError, ShapeError } from "../errors.ts";
import { broadcastAxes } from "./broadcast.ts";
import { equalShapes, shapeText, sizeOf } from "./dim.ts";
import { type Node, reachableNodes, type Tensor } from "./node.ts";
import type { GradientCall, Op } from "./op.ts";
import { add } from "./ops/arithmetic.ts";
import { reshape, zeros } from "./ops/layout.ts";
import { sum } from "./ops/reduce.ts";
import { constant } from "./ops/source.ts";

/**
 * Gradients of Σ ⟨outputs, seeds⟩ with respect to `wrt`, which may be any tensors of the graph;
 * undefined where none flows.
 *
 * @throws ConfigError for ops that are for sampling only.
 */
export function pullBack(
  outputs: readonly Tensor[],
  seeds: readonly (Tensor | undefined)[],
  wrt: readonly Tensor[],
): (Tensor | undefined)[] {
  const nodes = reachableNodes(outputs);
  const dependent = dependents(nodes, wrt);
  const gradients = new Map<Tensor, Tensor>();
  const collect = (tensor: Tensor, g: Tensor | undefined) => {
    if (!g || !dependent.has(tensor)) return;
    const share = sumTo(g, tensor);
    const before = gradients.get(tensor);
    gradients.set(tensor, before ? add(before, share) : share);
  };
  outputs.forEach((output, i) => {
    collect(output, seeds[i]);
  });
  for (const node of nodes.reverse()) {
    if (!node.inputs.some((input) => dependent.has(input))) continue;
    const shares = nodeGradients(node, gradients);
    shares.forEach((g, i) => {
      collect(node.inputs[i]!, g);
    });
  }
  return wrt.map((tensor) => gradients.get(tensor));
}

/** Every tensor whose value changes with one of `wrt`. */
function dependents(nodes: readonly Node[], wrt: readonly Tensor[]): Set<Tensor> {
  const dependent = new Set(wrt);
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((input) => dependent.has(input))) {
      for (const output of outputs) dependent.add(output);
    }
  }
  return dependent;
}

function nodeGradients(
  node: Node,
  gradients: ReadonlyMap<Tensor, Tensor>,
): readonly (Tensor | undefined)[] {
  const { inputs, outputs, attributes } = node;
  const op = node.op as Op<object>;
  const incoming = outputs.map((output) => gradients.get(output));
  if (incoming.every((g) => g === undefined)) return [];
  if (op.gradientRefused) throw refusal(op.name, op.gradientRefused);
  if (!op.gradient) return [];
  const call: Omit<GradientCall<object>, "g"> = {
    gradients: incoming,
    inputs,
    outputs,
    attributes,
  };
  return op.gradient({
    ...call,
    get g() {
      return incoming[0] ?? zeros(outputs[0]!.shape);
    },
  });
}

function refusal(where: string, hint: string): ConfigError {
  return new ConfigError({ where, expected: "an op with a gradient", got: "none", hint });
}

/** Undoes broadcasting: sums the gradient over the axes along which the tensor was repeated. */
function sumTo(g: Tensor, tensor: Tensor): Tensor {
  if (equalShapes(g.shape, tensor.shape)) return g;
  const axes = broadcastAxes(tensor.shape, g.shape);
  return reshape(axes.length === 0 ? g : sum(g, ...axes), tensor.shape);
}

/**
 * Gradients of a scalar loss with respect to `wrt`; zeros where the loss does not depend on one.
 *
 * @throws ShapeError if the loss has more than one element.
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new ShapeError({
      where: "grad",
      expected: "a loss of one element",
      got: shapeText(loss.shape),
      hint: "Reduce it with mean() or sum() first.",
    });
  }
  const one = constant(Float32Array.of(1), loss.shape as number[]);
  const found = pullBack([loss], [one], wrt);
  return found.map((g, i) => g ?? zeros(wrt[i]!.shape));
}
