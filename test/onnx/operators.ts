/** What the ONNX specification allows for the operators that Ordo writes, at opset 21. */
import type { OnnxAttributeValue } from "./read-onnx.ts";

export interface Operator {
  /** Fewest and most inputs; the optional ones come last. */
  readonly inputs: readonly [number, number];
  readonly outputs: readonly [number, number];
  readonly attributes?: Readonly<Record<string, OnnxAttributeValue["type"]>>;
}

const one: readonly [number, number] = [1, 1];
const two: readonly [number, number] = [2, 2];
const any = Number.POSITIVE_INFINITY;

const unary: Operator = { inputs: one, outputs: one };
const binary: Operator = { inputs: two, outputs: one };
const variadic: Operator = { inputs: [1, any], outputs: one };
const reduction: Operator = {
  inputs: [1, 2],
  outputs: one,
  attributes: { keepdims: "int", noop_with_empty_axes: "int" },
};
const normalized: Operator = { inputs: one, outputs: one, attributes: { axis: "int" } };
const windowed = {
  auto_pad: "string",
  dilations: "ints",
  kernel_shape: "ints",
  pads: "ints",
  strides: "ints",
} as const;
const convolution = { ...windowed, group: "int" } as const;

/** The default domain. */
export const standard: Readonly<Record<string, Operator>> = {
  Abs: unary,
  Add: binary,
  ArgMax: {
    inputs: one,
    outputs: one,
    attributes: { axis: "int", keepdims: "int", select_last_index: "int" },
  },
  AveragePool: {
    inputs: one,
    outputs: one,
    attributes: { ...windowed, ceil_mode: "int", count_include_pad: "int" },
  },
  Cast: { inputs: one, outputs: one, attributes: { saturate: "int", to: "int" } },
  Concat: { inputs: [1, any], outputs: one, attributes: { axis: "int" } },
  Conv: { inputs: [2, 3], outputs: one, attributes: convolution },
  ConvTranspose: {
    inputs: [2, 3],
    outputs: one,
    attributes: { ...convolution, output_padding: "ints", output_shape: "ints" },
  },
  Cos: unary,
  CumSum: { inputs: two, outputs: one, attributes: { exclusive: "int", reverse: "int" } },
  Div: binary,
  Equal: binary,
  DynamicQuantizeLinear: { inputs: one, outputs: [3, 3] },
  Erf: unary,
  Exp: unary,
  Expand: binary,
  Floor: unary,
  Gather: { inputs: two, outputs: one, attributes: { axis: "int" } },
  GatherElements: { inputs: two, outputs: one, attributes: { axis: "int" } },
  Gelu: { inputs: one, outputs: one, attributes: { approximate: "string" } },
  Gemm: {
    inputs: [2, 3],
    outputs: one,
    attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" },
  },
  Identity: unary,
  LayerNormalization: {
    inputs: [2, 3],
    outputs: [1, 3],
    attributes: { axis: "int", epsilon: "float", stash_type: "int" },
  },
  Less: binary,
  LessOrEqual: binary,
  Log: unary,
  LogSoftmax: normalized,
  MatMul: binary,
  MatMulInteger: { inputs: [2, 4], outputs: one },
  Max: variadic,
  MaxPool: {
    inputs: one,
    outputs: [1, 2],
    attributes: { ...windowed, ceil_mode: "int", storage_order: "int" },
  },
  Min: variadic,
  Mul: binary,
  Neg: unary,
  Pad: { inputs: [2, 4], outputs: one, attributes: { mode: "string" } },
  Reciprocal: unary,
  ReduceMax: reduction,
  ReduceMean: reduction,
  ReduceSum: reduction,
  ReduceSumSquare: reduction,
  Relu: unary,
  Reshape: { inputs: two, outputs: one, attributes: { allowzero: "int" } },
  ScatterElements: {
    inputs: [3, 3],
    outputs: one,
    attributes: { axis: "int", reduction: "string" },
  },
  ScatterND: { inputs: [3, 3], outputs: one, attributes: { reduction: "string" } },
  SequenceEmpty: { inputs: [0, 0], outputs: one, attributes: { dtype: "int" } },
  Sigmoid: unary,
  // the engine's own, though it lies in the standard's domain
  SimplifiedLayerNormalization: {
    inputs: two,
    outputs: [1, 2],
    attributes: { axis: "int", epsilon: "float" },
  },
  Sin: unary,
  Slice: { inputs: [3, 5], outputs: one },
  Softmax: normalized,
  Split: { inputs: [1, 2], outputs: [1, any], attributes: { axis: "int", num_outputs: "int" } },
  Sqrt: unary,
  Sub: binary,
  Tanh: unary,
  TopK: {
    inputs: two,
    outputs: two,
    attributes: { axis: "int", largest: "int", sorted: "int" },
  },
  Transpose: { inputs: one, outputs: one, attributes: { perm: "ints" } },
  Unsqueeze: binary,
  Where: { inputs: [3, 3], outputs: one },
};

/** ONNX Runtime's own, `com.microsoft` version 1. */
export const contributed: Readonly<Record<string, Operator>> = {
  DynamicQuantizeMatMul: { inputs: [3, 5], outputs: one },
  FusedMatMul: {
    inputs: two,
    outputs: one,
    attributes: { transA: "int", transB: "int", alpha: "float" },
  },
  GroupQueryAttention: {
    // keys and values may lie in the first, so that later ones are given and these are not
    inputs: [1, 14],
    outputs: [1, 4],
    attributes: {
      num_heads: "int",
      kv_num_heads: "int",
      do_rotary: "int",
      rotary_interleaved: "int",
    },
  },
  MatMulNBits: {
    inputs: [3, 6],
    outputs: one,
    attributes: { K: "int", N: "int", bits: "int", block_size: "int", accuracy_level: "int" },
  },
  FastGelu: { inputs: [1, 2], outputs: one },
  Gelu: unary,
  QuickGelu: { inputs: one, outputs: one, attributes: { alpha: "float" } },
};
