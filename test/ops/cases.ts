/** One case or more for every op record; what the suites and the op table are made from. */
import type { Op } from "../../src/graph/op.ts";
import { cachedAttentionOp } from "../../src/graph/ops/cached-attention.ts";
import { equalOp, lessOp, lessOrEqualOp } from "../../src/graph/ops/compare.ts";
import { replaceRowsOp } from "../../src/graph/ops/indexing.ts";
import { argmaxOp, topKOp } from "../../src/graph/ops/order.ts";
import { blockProductOp, int8ProductOp } from "../../src/graph/ops/quantized.ts";
import { constantOp, inputOp, parameterOp } from "../../src/graph/ops/source.ts";
import { stopGradientOp } from "../../src/graph/ops/stop-gradient.ts";
import { floorOp } from "../../src/graph/ops/unary.ts";
import { arithmeticCases } from "./cases/arithmetic.ts";
import { cachedAttentionCases } from "./cases/cached-attention.ts";
import { comparisonCases } from "./cases/comparison.ts";
import { convolutionCases } from "./cases/convolution.ts";
import { indexingCases } from "./cases/indexing.ts";
import { layoutCases } from "./cases/layout.ts";
import { normalizationCases } from "./cases/normalization.ts";
import { poolingCases } from "./cases/pooling.ts";
import { productCases } from "./cases/products.ts";
import { quantizedCases } from "./cases/quantized.ts";
import { reductionAndOrderCases } from "./cases/reductions.ts";
import { softmaxCases } from "./cases/softmax.ts";
import { sourceCases } from "./cases/sources.ts";
import { unaryCases } from "./cases/unary.ts";
import { type OpCase, record } from "./op-case.ts";

export const cases: readonly OpCase[] = [
  ...sourceCases,
  ...arithmeticCases,
  ...unaryCases,
  ...comparisonCases,
  ...layoutCases,
  ...reductionAndOrderCases,
  ...indexingCases,
  ...productCases,
  ...quantizedCases,
  ...softmaxCases,
  ...cachedAttentionCases,
  ...normalizationCases,
  ...convolutionCases,
  ...poolingCases,
];

/** Ops without a gradient, and why that is right. */
export const withoutGradient: ReadonlyMap<Op<never>, string> = new Map([
  [record(inputOp), "gradients end here"],
  [record(parameterOp), "gradients end here"],
  [record(constantOp), "nothing that could change"],
  [record(stopGradientOp), "ends gradients on purpose"],
  [record(lessOp), "truth values"],
  [record(lessOrEqualOp), "truth values"],
  [record(equalOp), "truth values"],
  [record(int8ProductOp), "rounding is flat; for sampling only"],
  [record(blockProductOp), "rounding is flat; for sampling only"],
  [record(floorOp), "flat between its jumps"],
  [record(argmaxOp), "positions"],
  [record(topKOp), "used for sampling only"],
  [record(replaceRowsOp), "used for sampling only"],
  [record(cachedAttentionOp), "used for sampling only"],
]);
