/** Losses between a reconstruction and its picture. */
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { mean } from "../graph/ops/reduce.ts";
import { abs, square } from "../graph/ops/unary.ts";
import { slice } from "../graph/ops/window.ts";

export interface ReconstructionWeights {
  readonly l1: number;
  readonly l2: number;
  /** On the difference of neighbouring pixels: keeps edges sharp where no perceptual net is at hand. */
  readonly edges: number;
}

export interface ReconstructionLoss {
  readonly loss: Tensor;
  /** Mean squared error alone, for the PSNR. */
  readonly l2: Tensor;
}

/** Both pictures [B, 3, H, W] in [−1, 1]. */
export function reconstructionLoss(
  reconstruction: Tensor,
  picture: Tensor,
  weights: ReconstructionWeights,
): ReconstructionLoss {
  const difference = subtract(reconstruction, picture);
  const l2 = mean(square(difference));
  const l1 = mean(abs(difference));
  let loss = add(multiply(l2, weights.l2), multiply(l1, weights.l1));
  if (weights.edges > 0) {
    const edges = add(steps(difference, 2), steps(difference, 3));
    loss = add(loss, multiply(edges, weights.edges));
  }
  return { loss, l2 };
}

/** Mean size of the steps along one axis. */
function steps(x: Tensor, axis: number): Tensor {
  const size = x.shape[axis] as number;
  return mean(abs(subtract(slice(x, axis, 1), slice(x, axis, 0, size - 1))));
}

/** Peak signal-to-noise ratio in dB of pictures in [−1, 1], from their mean squared error. */
export function psnr(meanSquaredError: number): number {
  return 10 * Math.log10(4 / meanSquaredError);
}
