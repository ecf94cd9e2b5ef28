/** Element types of tensors, and the typed arrays and ONNX codes that go with them. */

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
  allocate(count: number): TypedArray;
}

const facts: Record<Dtype, DtypeFacts> = {
  float32: { onnx: 1, bytes: 4, allocate: (n) => new Float32Array(n) },
  uint8: { onnx: 2, bytes: 1, allocate: (n) => new Uint8Array(n) },
  int8: { onnx: 3, bytes: 1, allocate: (n) => new Int8Array(n) },
  int32: { onnx: 6, bytes: 4, allocate: (n) => new Int32Array(n) },
  int64: { onnx: 7, bytes: 8, allocate: (n) => new BigInt64Array(n) },
  bool: { onnx: 9, bytes: 1, allocate: (n) => new Uint8Array(n) },
  float16: { onnx: 10, bytes: 2, allocate: (n) => new Uint16Array(n) },
};

export function onnxCode(dtype: Dtype): number {
  return facts[dtype].onnx;
}

export function bytesPerElement(dtype: Dtype): number {
  return facts[dtype].bytes;
}

export function allocate(dtype: Dtype, count: number): TypedArray {
  return facts[dtype].allocate(count);
}
