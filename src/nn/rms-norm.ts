/** Root-mean-square normalisation (Zhang & Sennrich 2019) with a gain per feature. */
import type { Tensor } from "../graph/node.ts";
import { add, divide, multiply } from "../graph/ops/arithmetic.ts";
import { sumOfSquares } from "../graph/ops/reduce.ts";
import { sqrt } from "../graph/ops/unary.ts";
import { one } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

/** x / √(mean(x²) + ε) ⊙ gain over the last axis: x [..., C] → [..., C]. */
export function rmsNorm(width: number, epsilon = 1e-5): Layer<[x: Tensor], Tensor> {
  return layer({ weight: { shape: [width], init: one } }, ({ weight }, x) => {
    const meanSquare = multiply(sumOfSquares(x, -1), 1 / width);
    return multiply(divide(x, sqrt(add(meanSquare, epsilon))), weight);
  });
}
