/** What is known of an op by example: inputs, reference values, and what devices leave out. */
import type { Dtype, TypedArray } from "../../src/graph/dtype.ts";
import type { Op } from "../../src/graph/op.ts";
import type { FixedInput, GradientCase } from "./gradient-check.ts";
import type { Plain } from "./plain.ts";

export interface OpCase extends GradientCase {
  /** The record under test; the traced graph has to contain it. */
  readonly op: Op<never>;
  /** Unique, and stable: inputs are drawn from a stream of this name. */
  readonly name: string;
  /** The values of all results, one result after the other, from all inputs in order. */
  readonly reference: (...inputs: Plain[]) => readonly number[];
  /** Why WebGPU leaves a part of the case to the CPU. */
  readonly webgpuFallback?: string;
  /** Why the case cannot run on WebGPU at all. */
  readonly webgpuMissing?: string;
  /** CPU against the definition and against other forms, where a kernel rounds; relative above 1. */
  readonly tolerance?: number;
  /** WebGPU against CPU; default 1e-4. */
  readonly webgpuTolerance?: number;
}

/** An op record as cases refer to it: its attributes are its own business. */
export function record(op: unknown): Op<never> {
  return op as Op<never>;
}

export function fixed(
  dtype: Dtype,
  dims: readonly number[],
  values: readonly number[],
): FixedInput {
  return { dtype, dims, data: fill(dtype, values) };
}

function fill(dtype: Dtype, values: readonly number[]): TypedArray {
  if (dtype === "int64") return BigInt64Array.from(values.map(BigInt));
  if (dtype === "int32") return Int32Array.from(values);
  if (dtype === "int8") return Int8Array.from(values);
  if (dtype === "float32") return Float32Array.from(values);
  return Uint8Array.from(values);
}
