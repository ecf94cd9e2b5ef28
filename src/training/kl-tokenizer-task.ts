/**
 * Training of an autoencoder whose latent is drawn from a distribution (sheet mar, "Tokenizer KL-16"):
 * reconstruction, and a small share of the distribution's distance from the standard normal one.
 */
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { mean, sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { exp, square } from "../graph/ops/unary.ts";
import { Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { LAST_WEIGHT } from "../tokenizers/autoencoder.ts";
import {
  drawLatent,
  type KlAutoencoderOptions,
  klAutoencoder,
  klPictureSize,
  type LatentMoments,
} from "../tokenizers/kl-autoencoder.ts";
import { withAdversary } from "./adversary.ts";
import { type PictureLossOptions, pictureLosses } from "./picture-losses.ts";
import { reconstructionPreview } from "./reconstruction-preview.ts";
import type { TrainingTask } from "./task.ts";

export interface KlTokenizerTaskOptions extends PictureLossOptions {
  readonly tokenizer: KlAutoencoderOptions;
  readonly batchSize: number;
  readonly seed: number;
  /** Of the distance, per picture in nats; 1e-6 in latent diffusion. */
  readonly divergence: number;
  /** Pictures for the preview, float32 [N, 3, H, W]. */
  readonly examples: Float32Array;
  readonly save: TrainingTask["save"];
}

export function klTokenizerTask(options: KlTokenizerTaskOptions): TrainingTask {
  const { tokenizer, batchSize, adversary, seed } = options;
  const { height, width } = klPictureSize(tokenizer);
  const scope = new Scope();
  const own = scope.child("tokenizer");
  const { moments, pixels: decode } = klAutoencoder(tokenizer).bind(own);
  const picture = input("pixels", "float32", [batchSize, 3, height, width]);
  const dims = [batchSize, tokenizer.latentChannels, tokenizer.height, tokenizer.width];
  const distribution = moments(picture);
  const latent = drawLatent(distribution, input("noise", "float32", dims));
  const reconstruction = decode(latent);
  const matching = pictureLosses(reconstruction, picture, options);
  const divergence = normalDivergence(distribution);
  const task: TrainingTask = {
    graph: {
      name: "tokenizer",
      scope,
      frozen: matching.frozen,
      loss: add(matching.loss, multiply(divergence, options.divergence)),
      metrics: {
        ...matching.metrics,
        divergence,
        deviation: mean(square(latent)),
      },
      decayExempt: [],
    },
    feeds: async (batch) => ({
      pixels: batch.pixels,
      noise: random(seed, "latent", batch.step).normals(dims.reduce((a, b) => a * b, 1)),
    }),
    report: ({ metrics }) => ({
      ...matching.report(metrics),
      divergence: metrics.divergence![0] as number,
      // one over it is the factor that makes tokens about 1 wide
      deviation: Math.sqrt(metrics.deviation![0] as number),
    }),
    preview: reconstructionPreview(tokenizer, options.examples),
    save: options.save,
  };
  if (!adversary) return task;
  const lastLayer = own.child(LAST_WEIGHT).path;
  const judged = { picture, reconstruction, matching: matching.loss, lastLayer };
  return withAdversary(task, judged, adversary);
}

/** KL(N(μ, σ²) ‖ N(0, 1)) in nats, summed over a picture's latent and averaged over pictures. */
export function normalDivergence({ mean: centre, logVariance }: LatentMoments): Tensor {
  const terms = subtract(subtract(add(square(centre), exp(logVariance)), 1), logVariance);
  return mean(multiply(sum(terms, 1, 2, 3), 0.5));
}
