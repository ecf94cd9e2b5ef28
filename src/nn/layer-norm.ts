/** Layer normalisation with a gain and an offset per feature. */
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { layerNorm as normalize } from "../graph/ops/norm.ts";
import { one, zero } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

/** (x − mean) / √(variance + ε) ⊙ gain + offset over the last axis: x [..., C] → [..., C]. */
export function layerNorm(width: number, epsilon = 1e-6): Layer<[x: Tensor], Tensor> {
  const parts = { weight: { shape: [width], init: one }, bias: { shape: [width], init: zero } };
  return layer(parts, ({ weight, bias }, x) => add(multiply(normalize(x, epsilon), weight), bias));
}
