/** The MLP of Llama: SiLU-gated linear units (SwiGLU; Shazeer 2020), without biases. */
import type { Tensor } from "../graph/node.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { silu } from "../graph/ops/unary.ts";
import type { Initializer } from "./initializers.ts";
import type { Layer } from "./layer.ts";
import { linear } from "./linear.ts";
import { fannedMatrices } from "./weight-matrix.ts";

/** down(silu(gate(x)) ⊙ up(x)): x [..., C] → [..., C]. */
export function gatedFeedForward(
  width: number,
  hidden: number,
  init: Initializer,
): Layer<[x: Tensor], Tensor> {
  const matrix = { shape: [hidden, width], init } as const;
  const outwards = fannedMatrices({ "gate.weight": matrix, "up.weight": matrix });
  const inwards = linear({ inputs: hidden, outputs: width, bias: false, init });
  return {
    bind: (scope) => {
      const fan = outwards.bind(scope);
      const down = inwards.bind(scope.child("down"));
      return (x) => {
        const { "gate.weight": gate, "up.weight": up } = fan(x);
        return down(multiply(silu(gate), up));
      };
    },
  };
}

/** Llama's hidden width: two thirds of 4·C, up to a multiple. */
export function gatedWidth(width: number, multiple: number): number {
  return multiple * Math.ceil(Math.floor((2 * 4 * width) / 3) / multiple);
}
