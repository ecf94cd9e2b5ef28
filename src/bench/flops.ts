/**
 * Floating-point operations of the products and convolutions of a graph, counted from the shapes:
 * two for every multiplication with its addition. Nothing else is counted.
 */
import type { Shape } from "../graph/dim.ts";
import { type Node, reachableNodes, type Tensor } from "../graph/node.ts";
import { attentionOp } from "../graph/ops/attention.ts";
import { convOp } from "../graph/ops/conv.ts";
import { gemmOp, matmulOp } from "../graph/ops/product.ts";
import { parameterOp } from "../graph/ops/source.ts";

const is = (node: Node, op: unknown): boolean => node.op === op;

function count(shape: Shape): number {
  return (shape as readonly number[]).reduce((product, size) => product * size, 1);
}

/** Operations of one product, and the operands whose gradients are each as large a product again. */
interface Product {
  readonly flop: number;
  readonly operands: readonly Tensor[];
}

function products(node: Node): Product[] {
  const { inputs, outputs } = node;
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  const size = () => count(outputs[0]!.shape);
  if (is(node, matmulOp)) {
    return [{ flop: 2 * size() * (a.shape.at(-1) as number), operands: [a, b] }];
  }
  if (is(node, gemmOp)) {
    const { transposeA } = node.attributes as { transposeA: boolean };
    const inner = a.shape[transposeA ? 0 : 1] as number;
    return [{ flop: 2 * size() * inner, operands: [a, b] }];
  }
  if (is(node, convOp)) {
    return [{ flop: 2 * size() * count(b.shape.slice(1)), operands: [a, b] }];
  }
  if (is(node, attentionOp)) {
    const probabilities = outputs[1]!;
    const keys = probabilities.shape.at(-1) as number;
    return [
      { flop: 2 * count(probabilities.shape) * (a.shape.at(-1) as number), operands: [a, b] },
      { flop: 2 * size() * keys, operands: [probabilities, c] },
    ];
  }
  return [];
}

/**
 * Of one evaluation of the tensors. Their sizes must be known.
 *
 * @param from tensors that are there already.
 */
export function forwardFlop(tensors: readonly Tensor[], from?: ReadonlySet<Tensor>): number {
  const nodes = reachableNodes(tensors, from);
  return nodes.flatMap(products).reduce((sum, { flop }) => sum + flop, 0);
}

/**
 * Of one evaluation of the loss and of its gradients: every product counts once more for each of
 * its operands that depends on a parameter.
 */
export function trainingFlop(loss: Tensor): number {
  const dependent = new Set<Tensor>();
  let total = 0;
  for (const node of reachableNodes([loss])) {
    if (is(node, parameterOp) || node.inputs.some((input) => dependent.has(input))) {
      for (const output of node.outputs) dependent.add(output);
    }
    for (const { flop, operands } of products(node)) {
      total += flop * (1 + operands.filter((operand) => dependent.has(operand)).length);
    }
  }
  return total;
}
