/**
 * Single numbers beside tensors that end in an axis of 1. The CPU provider sees no scalar there, but
 * broadcasting with a run of one element each: 15 times as slow (ONNX Runtime 1.30). With as many
 * axes as the tensor, the number is taken as one.
 */
import type { Emitter } from "../emitter.ts";
import type { Node, Tensor } from "../node.ts";
import type { Op } from "../op.ts";
import { type ConstantAttributes, constantOp } from "./source.ts";

/** The names of a node's two operands, a single number with more axes where that helps. */
export function alignScalars(
  emitter: Emitter,
  names: readonly string[],
  { inputs }: Node,
): readonly string[] {
  if (emitter.target !== "cpu") return names;
  const [a, b] = inputs as [Tensor, Tensor];
  const [left, right] = names as [string, string];
  return [align(emitter, left, a, b), align(emitter, right, b, a)];
}

function align(emitter: Emitter, name: string, operand: Tensor, other: Tensor): string {
  const rank = other.shape.length;
  const slow = operand.shape.length < rank && other.shape.at(-1) === 1;
  if (!slow || operand.shape.some((size) => size !== 1)) return name;
  const ones = Array<number>(rank).fill(1);
  if (operand.node.op !== (constantOp as Op<never>)) {
    return emitter.node("Reshape", [name, emitter.ints(ones)]);
  }
  const { dtype, data } = operand.node.attributes as ConstantAttributes;
  return emitter.constant(dtype, ones, data);
}
