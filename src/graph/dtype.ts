/** Element types of tensors, and the typed arrays and ONNX codes that go with them. */
import { type FileValues, lieInFile } from "../floats.ts";

export type Dtype = "float32" | "float16" | "int32" | "int64" | "bool" | "uint8" | "int8";

/** float16 travels as its bits; bool as bytes 0 and 1. */
export type TypedArray =
  | Float32Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array;

interface DtypeFacts {
  /** `TensorProto.DataType` of ONNX. */
  readonly onnx: number;
  readonly bytes: number;
  readonly array: ArrayClass;
}

interface ArrayClass {
  new (count: number): TypedArray;
  new (buffer: ArrayBuffer): TypedArray;
}

const facts: Record<Dtype, DtypeFacts> = {
  float32: { onnx: 1, bytes: 4, array: Float32Array },
  uint8: { onnx: 2, bytes: 1, array: Uint8Array },
  int8: { onnx: 3, bytes: 1, array: Int8Array },
  int32: { onnx: 6, bytes: 4, array: Int32Array },
  int64: { onnx: 7, bytes: 8, array: BigInt64Array },
  bool: { onnx: 9, bytes: 1, array: Uint8Array },
  float16: { onnx: 10, bytes: 2, array: Uint16Array },
};

export function onnxCode(dtype: Dtype): number {
  return facts[dtype].onnx;
}

export function bytesPerElement(dtype: Dtype): number {
  return facts[dtype].bytes;
}

/** Bytes of values, wherever they lie. */
export function bytesOfValues(values: ArrayBufferView | FileValues): number {
  return lieInFile(values) ? values.length * bytesPerElement(values.dtype) : values.byteLength;
}

export function allocate(dtype: Dtype, count: number): TypedArray {
  return new facts[dtype].array(count);
}

/** All of a buffer as an array. */
export function viewOf(dtype: Dtype, buffer: ArrayBuffer): TypedArray {
  return new facts[dtype].array(buffer);
}
