/**
 * Training of a masked model with a diffusion head (sheet mar, "Training"): the frozen tokenizer turns
 * each batch into tokens, most are hidden, and the head learns to draw them from the predictor's
 * vectors.
 *
 * Axes: B batch · L tokens · N places for known ones · P class slots · C token channels · R repeats ·
 * D width
 */
import { type DiffusionHeadOptions, headOf } from "../decoding/masked-step.ts";
import type { Tensor } from "../graph/node.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { diffusionLoss } from "../heads/diffusion-loss.ts";
import { cosineSchedule } from "../heads/diffusion-schedule.ts";
import { Scope } from "../nn/layer.ts";
import { type MaskRatios, maskedCount, maskRatio } from "../objectives/masking.ts";
import { hiddenBias } from "../orders/visibility.ts";
import {
  DEFAULT_EXPANSION,
  type MaskedEncoderDecoderOptions,
  maskedPredictor,
  slotRows,
} from "../predictors/masked-encoder-decoder.ts";
import { type Random, random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile, type Feed } from "../runtime/function.ts";
import {
  drawLatent,
  type KlAutoencoderOptions,
  klAutoencoder,
  klPictureSize,
  tokenSizes,
  tokensOf,
} from "../tokenizers/kl-autoencoder.ts";
import type { ModelTaskOptions } from "./model-task.ts";
import { requestFeeds } from "./request-feeds.ts";
import type { TrainingTask } from "./task.ts";
import {
  type VitDropoutRates,
  type VitStackSizes,
  vitDropoutFeeds,
  vitDropoutInputs,
} from "./vit-dropout.ts";

export interface MaskedTaskOptions extends ModelTaskOptions {
  readonly tokenizer: KlAutoencoderOptions;
  readonly predictor: MaskedEncoderDecoderOptions;
  readonly head: DiffusionHeadOptions;
  readonly objective: {
    readonly conditionDrop: number;
    readonly maskRatios: MaskRatios;
    /** Times and noises that each vector is used with. */
    readonly repeats: number;
    readonly decayExempt: readonly string[];
  } & VitDropoutRates;
}

/** Steps of the whole process, of which times are drawn. */
const DIFFUSION_STEPS = 1000;

export async function maskedTask(
  device: Device,
  options: MaskedTaskOptions,
): Promise<TrainingTask> {
  const { objective, predictor } = options;
  const encode = await encoder(device, options);
  const scope = new Scope();
  const { loss, squaredError, bound } = traceLoss(scope, options);
  return {
    graph: {
      name: "transformer",
      scope,
      loss,
      metrics: { squaredError, bound },
      decayExempt: objective.decayExempt,
      ...(predictor.rematerialize && { rematerialized: true }),
    },
    feeds: async (batch) => {
      const draw = (name: string) => random(options.seed, name, batch.step);
      const { height, width } = options.tokenizer;
      const cells = options.batchSize * options.tokenizer.latentChannels * height * width;
      const noise = draw("latent").normals(cells);
      const { tokens } = await encode.run({ pixels: batch.pixels, noise });
      return {
        tokens: tokens!.data,
        ...maskFeeds(options, draw("mask")),
        ...diffusionFeeds(options, draw("diffusion")),
        ...requestFeeds(options, batch, draw("request")),
        ...dropoutFeeds(options, draw("dropout")),
      };
    },
    report: ({ metrics }) => ({
      noise: metrics.squaredError![0] as number,
      bound: metrics.bound![0] as number,
    }),
    preview: options.preview,
    save: options.save,
  };
}

/** Places for known tokens: as many as the smallest mask leaves. */
function knownPlaces({ tokenizer, objective }: MaskedTaskOptions): number {
  const { count } = tokenSizes(tokenizer);
  return count - maskedCount(count, objective.maskRatios.least);
}

function traceLoss(scope: Scope, options: MaskedTaskOptions) {
  const { predictor, conditioning, batchSize, objective } = options;
  const tokens = tokenSizes(options.tokenizer);
  const { count, channels } = tokens;
  const known = knownPlaces(options);
  const bound = maskedPredictor({ ...predictor, tokens, conditioning }).bind(scope);
  const denoiser = headOf(options, scope);
  const all = input("tokens", "float32", [batchSize * count, channels]);
  const encoded = bound.encode(
    {
      tokens: lookup(all, input("rows", "int32", [batchSize, known])),
      cells: input("cells", "int32", [batchSize, known]),
      bias: input("bias", "float32", [1, 1, 1, predictor.classSlots + known]),
    },
    bound.condition(conditioning.inputs(batchSize)),
    vitDropoutInputs(stackSizes(options, "encoder"), objective),
  );
  const slots = input("slots", "int32", [batchSize, predictor.classSlots + count]);
  const factors = vitDropoutInputs(stackSizes(options, "decoder"), objective);
  const vectors = bound.decode(encoded, slots, factors);
  const hidden = reshape(vectors, [batchSize * count, predictor.width]);
  const { repeats } = objective;
  const rows = repeats * batchSize * count;
  const losses = diffusionLoss(denoiser, cosineSchedule(DIFFUSION_STEPS), {
    tokens: repeated(all, repeats),
    condition: repeated(denoiser.condition(hidden), repeats),
    times: input("times", "int32", [rows]),
    noise: input("noise", "float32", [rows, channels]),
  });
  const weights = repeated(input("weights", "float32", [batchSize * count, 1]), repeats);
  const masked = (x: Tensor) => sum(multiply(x, weights));
  return {
    loss: masked(losses.loss),
    squaredError: masked(losses.squaredError),
    bound: masked(losses.bound),
  };
}

function repeated(x: Tensor, times: number): Tensor {
  return concat(new Array<Tensor>(times).fill(x), 0);
}

/** One ratio for the batch, and a permutation for each picture, whose first cells are hidden. */
function maskFeeds(options: MaskedTaskOptions, draws: Random): Record<string, Feed> {
  const { batchSize, objective, predictor } = options;
  const { classSlots } = predictor;
  const { count } = tokenSizes(options.tokenizer);
  const known = knownPlaces(options);
  const hidden = maskedCount(count, maskRatio(objective.maskRatios, draws));
  const cells = new Int32Array(batchSize * known).fill(-1);
  const weights = new Float32Array(batchSize * count);
  for (let b = 0; b < batchSize; b++) {
    const permutation = draws.permutation(count);
    cells.set(permutation.subarray(hidden), b * known);
    for (const cell of permutation.subarray(0, hidden)) {
      weights[b * count + cell] = 1 / (batchSize * hidden * objective.repeats);
    }
  }
  // places that are left over hold anything, and are hidden from all rows
  const bias = Float32Array.from({ length: classSlots + known }, (_, i) =>
    i < classSlots + count - hidden ? 0 : hiddenBias,
  );
  const place = cells.map((cell) => Math.max(cell, 0));
  return {
    weights,
    bias,
    cells: place,
    rows: place.map((cell, i) => Math.floor(i / known) * count + cell),
    slots: slotRows(cells, { batch: batchSize, known, count, classSlots }),
  };
}

function diffusionFeeds(options: MaskedTaskOptions, draws: Random): Record<string, Feed> {
  const { count, channels } = tokenSizes(options.tokenizer);
  const rows = options.objective.repeats * options.batchSize * count;
  return {
    times: Int32Array.from({ length: rows }, () => draws.integer(DIFFUSION_STEPS)),
    noise: draws.normals(rows * channels),
  };
}

/** The encoder reads known tokens alone, the decoder all places. */
function stackSizes(options: MaskedTaskOptions, name: "encoder" | "decoder"): VitStackSizes {
  const { predictor, batchSize: batch, tokenizer } = options;
  const { classSlots, width, expansion = DEFAULT_EXPANSION } = predictor;
  const places = name === "encoder" ? knownPlaces(options) : tokenSizes(tokenizer).count;
  const rows = classSlots + places;
  return { name, ...predictor[name], batch, rows, width, hidden: expansion * width };
}

function dropoutFeeds(options: MaskedTaskOptions, draws: Random): Record<string, Feed> {
  const { objective } = options;
  return {
    ...vitDropoutFeeds(stackSizes(options, "encoder"), objective, draws),
    ...vitDropoutFeeds(stackSizes(options, "decoder"), objective, draws),
  };
}

/** Pixels to tokens [B, L, C], of a latent that is drawn anew each time. */
function encoder(
  device: Device,
  { tokenizer, tokenizerParameters, batchSize }: MaskedTaskOptions,
): Promise<CompiledFunction> {
  const { height, width } = klPictureSize(tokenizer);
  const { moments } = klAutoencoder(tokenizer).bind(new Scope().child("tokenizer"));
  const pixels = input("pixels", "float32", [batchSize, 3, height, width]);
  const { latentChannels: channels, height: tall, width: wide } = tokenizer;
  const noise = input("noise", "float32", [batchSize, channels, tall, wide]);
  const tokens = tokensOf(drawLatent(moments(pixels), noise), tokenizer);
  return compile(device, "tokenizer", { tokens }, { constants: tokenizerParameters });
}
