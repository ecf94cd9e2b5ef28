/** Batch normalisation (Ioffe & Szegedy 2015) by the statistics of the batch itself. */
import type { Tensor } from "../graph/node.ts";
import { reshape, transpose } from "../graph/ops/layout.ts";
import { groupNorm } from "../graph/ops/norm.ts";
import { type Initializer, one, zero } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

export interface BatchNormOptions {
  /** Of the gains. */
  readonly init?: Initializer;
  readonly epsilon?: number;
}

/**
 * (x − mean) / √(variance + ε) ⊙ gain + offset, statistics per channel over pictures and positions:
 * x [B, C, H, W] → [B, C, H, W]. Nothing is averaged over batches: it is for networks that are never
 * asked about single pictures.
 */
export function batchNorm(
  channels: number,
  { init = one, epsilon = 1e-5 }: BatchNormOptions = {},
): Layer<[x: Tensor], Tensor> {
  const parts = {
    weight: { shape: [channels], init },
    bias: { shape: [channels], init: zero },
  };
  return layer(parts, ({ weight, bias }, x) => {
    const [batch, , height, width] = x.shape as [number, number, number, number];
    // one picture that holds all pictures' positions, in as many groups as it has channels
    const together = reshape(transpose(x, [1, 0, 2, 3]), [1, channels, batch, height * width]);
    const normal = groupNorm(together, weight, bias, channels, epsilon);
    return transpose(reshape(normal, [channels, batch, height, width]), [1, 0, 2, 3]);
  });
}
