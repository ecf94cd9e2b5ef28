/**
 * What the WebGPU provider of ONNX Runtime 1.30 computes, as far as Ordo's ops write it. The device
 * tests hold this table against the engine, op by op, with fallback forbidden.
 */
import type { Dtype } from "../dtype.ts";

export interface OperatorRule {
  /** Element types of its values. */
  readonly data: readonly Dtype[];
  /** Inputs that are positions, sizes or axes: int32 or int64, whatever `data` says. */
  readonly positions?: readonly number[];
}

const floats: readonly Dtype[] = ["float32", "float16"];
const numbers: readonly Dtype[] = [...floats, "int32"];

const of = (
  types: string,
  data: readonly Dtype[],
  positions?: readonly number[],
): [string, OperatorRule][] =>
  types.split(" ").map((type) => [type, { data, ...(positions && { positions }) }]);

/** By operator, with `ms.` for the engine's own. */
export const webgpuOperators: ReadonlyMap<string, OperatorRule> = new Map([
  ...of("Abs Cos Erf Exp Floor Log Neg Reciprocal Relu Sigmoid Sin Sqrt Tanh", floats),
  ...of("ms.FastGelu ms.Gelu ms.QuickGelu", floats),
  ...of("Add Sub Mul Div Max Min Less LessOrEqual Equal", numbers),
  ...of("Cast Where", [...numbers, "bool"]),
  ...of("Identity Transpose Concat", numbers),
  ...of("Reshape Expand Gather", [...numbers, "bool"], [1]),
  ...of("Split", numbers, [1]),
  ...of("Slice", floats, [1, 2, 3, 4]),
  ...of("Pad GatherElements ScatterND ScatterElements", floats, [1]),
  ...of("ReduceMax ReduceMean ReduceSum ReduceSumSquare CumSum TopK", floats, [1]),
  ...of("ArgMax Softmax LayerNormalization AveragePool MaxPool", floats),
  ...of("MatMul Gemm Conv ConvTranspose", floats),
  ...of("ms.MatMulNBits", [...floats, "uint8"]),
]);

/** Operators that do the work of a model; none of them may land on the CPU unasked. */
const heavy: ReadonlySet<string> = new Set([
  "Conv",
  "FusedConv",
  "NhwcFusedConv",
  "ConvTranspose",
  "Gemm",
  "FusedGemm",
  "MatMul",
  "FusedMatMul",
  "Attention",
  "MultiHeadAttention",
  "GroupQueryAttention",
  "DynamicQuantizeMatMul",
  "MatMulInteger",
  "MatMulIntegerToFloat",
  "MatMulNBits",
]);

/**
 * Whether an operator multiplies matrices or convolves, under any name that the engine's optimiser
 * gives it.
 */
export function isProduct(type: string): boolean {
  return heavy.has(type.replace(/^ms\./, ""));
}
