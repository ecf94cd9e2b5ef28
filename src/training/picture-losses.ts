/** What a reconstruction is held to, whatever tokens it came through. */
import type { TypedArray } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { mean } from "../graph/ops/reduce.ts";
import { Scope } from "../nn/layer.ts";
import type { AdversaryOptions } from "./adversary.ts";
import { psnr, type ReconstructionWeights, reconstructionLoss } from "./reconstruction.ts";

/** A distance between pictures by a network that is not trained. */
export interface PerceptualTerm {
  /** What the distance is called: `PercDist[…]`, `LPIPS[vgg]`. */
  readonly name: string;
  readonly weight: number;
  /** The network's parameters, by path. */
  readonly constants: ReadonlyMap<string, Float32Array>;
  /** Distances [B] of pixels [B, 3, H, W] in [−1, 1]. */
  readonly distance: (scope: Scope, first: Tensor, second: Tensor) => Tensor;
}

/** The options of every tokenizer's training. */
export interface PictureLossOptions {
  readonly weights: ReconstructionWeights;
  readonly perceptual?: PerceptualTerm;
  readonly adversary?: AdversaryOptions;
}

export interface PictureLosses {
  /** The sum of what compares both pictures, weighted. */
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Parameters that are not trained, by path. */
  readonly frozen: ReadonlyMap<string, Float32Array>;
  /** The numbers to log, from a step's metrics. */
  report(metrics: Readonly<Record<string, TypedArray>>): Record<string, number>;
}

const PERCEPTUAL = "perceptual";

/** Both pictures [B, 3, H, W] in [−1, 1]. */
export function pictureLosses(
  reconstruction: Tensor,
  picture: Tensor,
  { weights, perceptual }: Pick<PictureLossOptions, "weights" | "perceptual">,
): PictureLosses {
  const { loss, l2 } = reconstructionLoss(reconstruction, picture, weights);
  const plain: PictureLosses = {
    loss,
    metrics: { l2 },
    frozen: new Map(),
    report: (metrics) => ({ psnr: psnr(metrics.l2![0] as number) }),
  };
  if (!perceptual) return plain;
  const { name, weight, constants, distance } = perceptual;
  const distances = distance(new Scope().child(PERCEPTUAL), reconstruction, picture);
  const average = reshape(mean(distances), []);
  return {
    loss: add(loss, multiply(average, weight)),
    metrics: { l2, [PERCEPTUAL]: average },
    frozen: new Map([...constants].map(([path, data]) => [`${PERCEPTUAL}.${path}`, data])),
    // a number of a network is told with the network's name
    report: (metrics) => ({
      ...plain.report(metrics),
      [name]: metrics[PERCEPTUAL]![0] as number,
    }),
  };
}
