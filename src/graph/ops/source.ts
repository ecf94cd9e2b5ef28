/** Ops without inputs: what a graph starts from. */
import type { Shape } from "../dim.ts";
import type { Dtype, TypedArray } from "../dtype.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op } from "../op.ts";

export interface InputAttributes {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
}

const nothingToEmit = () => {
  throw new Error("sources are declared by the graph writer, not emitted");
};

export const inputOp: Op<InputAttributes> = {
  name: "input",
  infer: (_, { dtype, shape }) => [{ dtype, shape }],
  emit: nothingToEmit,
  gradient: null,
};

/** A value that is given when the graph runs. */
export function input(name: string, dtype: Dtype, shape: Shape): Tensor {
  return apply(inputOp, [], { name, dtype, shape });
}

export const parameterOp: Op<InputAttributes> = { ...inputOp, name: "parameter" };

/** A trained value: a graph input while training, a constant while sampling. */
export function parameter(
  name: string,
  shape: readonly number[],
  dtype: Dtype = "float32",
): Tensor {
  return apply(parameterOp, [], { name, dtype, shape });
}

export interface ConstantAttributes {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export const constantOp: Op<ConstantAttributes> = {
  name: "constant",
  infer: (_, { dtype, shape }) => [{ dtype, shape }],
  emit: nothingToEmit,
  gradient: null,
};

export function constant(data: TypedArray, shape: readonly number[], dtype?: Dtype): Tensor {
  return apply(constantOp, [], { dtype: dtype ?? dtypeOf(data), shape, data });
}

function dtypeOf(data: TypedArray): Dtype {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Uint8Array) return "uint8";
  return "float16";
}

/** A float32 number of rank 0. */
export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/** A tensor, or a number meant as one. */
export type Operand = Tensor | number;

export function tensorOf(operand: Operand): Tensor {
  return typeof operand === "number" ? scalar(operand) : operand;
}
