/** Root-mean-square normalisation with a gain per feature. */
import type { Tensor } from "../graph/node.ts";
import { rmsNorm as rmsNormOp } from "../graph/ops/norm.ts";
import { one } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

/** x / √(mean(x²) + ε) ⊙ gain over the last axis: x [..., C] → [..., C]. */
export function rmsNorm(width: number, epsilon = 1e-5): Layer<[x: Tensor], Tensor> {
  return layer({ weight: { shape: [width], init: one } }, ({ weight }, x) =>
    rmsNormOp(x, weight, epsilon),
  );
}
