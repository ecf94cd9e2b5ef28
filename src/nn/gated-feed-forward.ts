/** The MLP of Llama: SiLU-gated linear units (SwiGLU; Shazeer 2020), without biases. */
import type { Tensor } from "../graph/node.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { silu } from "../graph/ops/unary.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { linear } from "./linear.ts";

/** down(silu(gate(x)) ⊙ up(x)): x [..., C] → [..., C]. */
export function gatedFeedForward(
  width: number,
  hidden: number,
  init: Initializer,
): Layer<[x: Tensor], Tensor> {
  const outwards = linear({ inputs: width, outputs: hidden, bias: false, init });
  const parts = {
    gate: outwards,
    up: outwards,
    down: linear({ inputs: hidden, outputs: width, bias: false, init }),
  };
  return layer(parts, ({ gate, up, down }, x) => down(multiply(silu(gate(x)), up(x))));
}

/** Llama's hidden width: two thirds of 4·C, up to a multiple. */
export function gatedWidth(width: number, multiple: number): number {
  return multiple * Math.ceil(Math.floor((2 * 4 * width) / 3) / multiple);
}
