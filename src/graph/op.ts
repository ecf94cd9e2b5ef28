/** What an op is: one record that holds its shape rule, its ONNX form and its gradient. */
import { DtypeError, ShapeError } from "../errors.ts";
import { shapeText } from "./dim.ts";
import type { Dtype } from "./dtype.ts";
import type { Emitter } from "./emitter.ts";
import type { Node, Tensor, TensorSpec } from "./node.ts";

export interface EmitCall<A> {
  /** Names of the input values, as the graph file knows them. */
  readonly inputs: readonly string[];
  /** Names that the op has to give its outputs. */
  readonly outputs: readonly string[];
  readonly attributes: A;
  readonly node: Node;
}

export interface GradientCall<A> {
  /** The gradient of each output; undefined where none flows. */
  readonly gradients: readonly (Tensor | undefined)[];
  /** The gradient of the first output, for ops that have one. */
  readonly g: Tensor;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
}

export interface Op<A = object> {
  readonly name: string;
  /** Dtypes and shapes of the outputs. @throws ShapeError, DtypeError */
  infer(inputs: readonly Tensor[], attributes: A): readonly TensorSpec[];
  /** The op is only a mark: output i is input i, and nothing is written for it. */
  readonly alias?: true;
  /** Writes the op as ONNX nodes. */
  emit(emitter: Emitter, call: EmitCall<A>): void;
  /**
   * Gradients of the inputs, undefined where none flows; null if the op has no gradient at all.
   * They may have the shape of the output: sums over broadcast axes are made by the backward walk.
   */
  readonly gradient: ((call: GradientCall<A>) => readonly (Tensor | undefined)[]) | null;
  /** Why asking for a gradient through the op is a mistake; without it none flows, silently. */
  readonly gradientRefused?: string;
}

/** Adds an op's node to the graph. */
export function applyAll<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  const specs = op.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: Node = { op: op as Op<never>, inputs, attributes, outputs };
  specs.forEach((spec, output) => {
    outputs.push({ ...spec, node, output });
  });
  return outputs;
}

/** Adds the node of an op with one output (or whose first output is the one wanted). */
export function apply<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): Tensor {
  return applyAll(op, inputs, attributes)[0]!;
}

export function requireDtype(where: string, tensor: TensorSpec, ...allowed: Dtype[]): void {
  if (allowed.includes(tensor.dtype)) return;
  throw new DtypeError({ where, expected: allowed.join(" or "), got: tensor.dtype });
}

export function requireRank(where: string, tensor: TensorSpec, rank: number): void {
  if (tensor.shape.length === rank) return;
  throw new ShapeError({ where, expected: `rank ${rank}`, got: shapeText(tensor.shape) });
}

/** Counts a negative axis from the end. @throws ShapeError if it lies outside the rank. */
export function requireAxis(where: string, tensor: TensorSpec, axis: number): number {
  const rank = tensor.shape.length;
  const index = axis < 0 ? axis + rank : axis;
  if (index >= 0 && index < rank) return index;
  throw new ShapeError({
    where,
    expected: `an axis of ${shapeText(tensor.shape)}`,
    got: `axis ${axis}`,
  });
}
