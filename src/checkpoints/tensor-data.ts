import { DtypeError } from "../errors.ts";
import { fromBfloat16Bits, fromFloat16Bits } from "../half.ts";

/** Element types that checkpoints hold. */
export type TensorDtype =
  | "float32"
  | "float16"
  | "bfloat16"
  | "float64"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "int8"
  | "bool";

export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array;

/** A tensor at rest: row-major; float16 and bfloat16 as their bits in a Uint16Array, bool as bytes. */
export interface TensorData {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, TensorData>;

type ArrayClass = new (buffer: ArrayBuffer) => TypedArray;

const ARRAYS: Record<TensorDtype, ArrayClass & { readonly BYTES_PER_ELEMENT: number }> = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float64: Float64Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

/** Bytes of one element. */
export function elementBytes(dtype: TensorDtype): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A typed array of `dtype` over all of `buffer`, whose length must be a multiple of the element. */
export function viewBytes(dtype: TensorDtype, buffer: ArrayBuffer): TypedArray {
  return new ARRAYS[dtype](buffer);
}

/** Whether `data` is the array class that stands for `dtype`. */
export function storesDtype(data: TypedArray, dtype: TensorDtype): boolean {
  return data instanceof ARRAYS[dtype];
}

/** A float32 tensor of `shape`. */
export function float32Tensor(shape: readonly number[], data: Float32Array): TensorData {
  return { dtype: "float32", shape, data };
}

/**
 * The values of `tensor` as float32, rounded to nearest where float64 or integers do not fit.
 * A float32 tensor gives its own array, not a copy.
 */
export function toFloat32({ dtype, data }: TensorData): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) {
    return dtype === "bfloat16" ? fromBfloat16Bits(data) : fromFloat16Bits(data);
  }
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data);
}

/** The values of an integer or bool tensor as int32: token ids, labels. @throws DtypeError */
export function toInt32(tensor: TensorData, where: string): Int32Array {
  const { dtype, data } = tensor;
  if (data instanceof Int32Array) return data;
  if (data instanceof BigInt64Array) {
    const wide = data.findIndex((value) => BigInt.asIntN(32, value) !== value);
    if (wide < 0) return Int32Array.from(data, Number);
    throw new DtypeError({ where, expected: "integers of 32 bits", got: `${data[wide]}` });
  }
  if (data instanceof Uint8Array || data instanceof Int8Array || data instanceof Int16Array) {
    return Int32Array.from(data);
  }
  throw new DtypeError({ where, expected: "an integer tensor", got: dtype });
}
