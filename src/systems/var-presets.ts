/**
 * The published configurations of VAR (arXiv:2404.02905), and how many parameters each has.
 *
 * Axes: K scales · L = Σ pₖ² tokens · V codebook size · C width · H heads.
 */
import { type GuidanceSchedule, linearRamp } from "../guidance/schedule.ts";
import {
  type ScaleSchedule,
  scaleSchedules,
  squareScales,
  tokenCount,
} from "../orders/scale-schedule.ts";
import { type PhiSharing, phiCount } from "../tokenizers/phi-sharing.ts";

export interface VarConfig {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  readonly scales: ScaleSchedule;
  readonly codebookSize: number;
  readonly latentChannels: number;
  /** One modulation layer for the model with an offset per block, instead of one layer per block. */
  readonly sharedModulation: boolean;
  /** `l2`: unit queries and keys with a learned scale per head; `none`: softmax scale 0.25 / √64. */
  readonly queryKeyNorm: "l2" | "none";
  /** Labels without the null class, which has the number after the last. */
  readonly classes: number;
  readonly tokenizer: VarTokenizerConfig;
  readonly training: VarTrainingConfig;
  readonly sampling: VarSamplingConfig;
}

export interface VarTokenizerConfig {
  /** Channels of the finest level; `multipliers` multiply them per level, fine to coarse. */
  readonly channels: number;
  readonly multipliers: readonly number[];
  /** Residual blocks per level. */
  readonly encoderBlocks: number;
  readonly decoderBlocks: number;
  readonly phiSharing: PhiSharing;
}

/** The columns of the sheet's table. */
export interface VarTrainingConfig {
  readonly epochs: number;
  readonly batchSize: number;
  /** Per 256 pictures: the learning rate is base · batch / 256. */
  readonly baseLearningRate: number;
  /** What the last step's learning rate is, relative to the peak (`wpe`). */
  readonly finalRate: number;
  /** Factor on the initial weights of the two gains of a block (`alng`): blocks start near identity. */
  readonly gainInit: number;
  readonly weightDecay: number;
  readonly finalWeightDecay: number;
  /** Stochastic depth of the last block; earlier ones rise to it from 0. */
  readonly dropPath: number;
  /** How often a label is replaced by the null class. */
  readonly labelDrop: number;
  readonly gradientClip: number;
  readonly betas: readonly [number, number];
}

export interface VarSamplingConfig {
  readonly guidance: GuidanceSchedule;
  readonly topK: number;
  readonly topP: number;
}

/** The tokenizer that all released models share, at 256 and at 512 pixels. */
const releasedTokenizer: VarTokenizerConfig = {
  channels: 160,
  multipliers: [1, 1, 2, 2, 4],
  encoderBlocks: 2,
  decoderBlocks: 3,
  phiSharing: 4,
};

type Recipe = Pick<
  VarTrainingConfig,
  "epochs" | "batchSize" | "baseLearningRate" | "gainInit" | "finalRate" | "finalWeightDecay"
>;

function training(depth: number, recipe: Recipe): VarTrainingConfig {
  return {
    ...recipe,
    weightDecay: 0.05,
    dropPath: (0.1 * depth) / 24,
    labelDrop: 0.1,
    gradientClip: 2,
    betas: [0.9, 0.95],
  };
}

/** A released model: everything follows from its depth but the schedule and the recipe. */
function released(depth: number, scales: ScaleSchedule, recipe: Recipe): VarConfig {
  return {
    depth,
    width: 64 * depth,
    heads: depth,
    scales,
    codebookSize: 4096,
    latentChannels: 32,
    sharedModulation: false,
    queryKeyNorm: "l2",
    classes: 1000,
    tokenizer: releasedTokenizer,
    training: training(depth, recipe),
    // evaluation: the released sampler ramps t from 0 to 1.5 in (1 + t)·c − t·u
    sampling: { guidance: linearRamp({ from: 1, to: 2.5 }), topK: 900, topP: 0.96 },
  };
}

const small: Recipe = {
  epochs: 200,
  batchSize: 768,
  baseLearningRate: 1e-4,
  gainInit: 1e-3,
  finalRate: 0.1,
  finalWeightDecay: 0.05,
};
const large: Recipe = {
  ...small,
  epochs: 350,
  baseLearningRate: 8e-5,
  gainInit: 1e-4,
  finalRate: 0.01,
};

export type VarPresetName = "d16-256" | "d20-256" | "d24-256" | "d30-256" | "d36s-512" | "tiny";

export const varPresets: Readonly<Record<VarPresetName, VarConfig>> = {
  "d16-256": released(16, scaleSchedules["256"], small),
  "d20-256": released(20, scaleSchedules["256"], { ...small, epochs: 250 }),
  "d24-256": released(24, scaleSchedules["256"], large),
  "d30-256": released(30, scaleSchedules["256"], {
    ...large,
    batchSize: 1024,
    gainInit: 1e-5,
    finalWeightDecay: 0.08,
  }),
  "d36s-512": {
    ...released(36, scaleSchedules["512"], { ...large, gainInit: 5e-6, finalWeightDecay: 0.08 }),
    sharedModulation: true,
  },
  // the sheet's small-scale reproduction: 32×32 pixels, 4 per token
  tiny: {
    depth: 4,
    width: 128,
    heads: 4,
    scales: squareScales([1, 2, 3, 4, 6, 8]),
    codebookSize: 512,
    latentChannels: 16,
    sharedModulation: false,
    queryKeyNorm: "l2",
    classes: 10,
    tokenizer: {
      channels: 32,
      multipliers: [1, 2, 2],
      encoderBlocks: 1,
      decoderBlocks: 2,
      phiSharing: 4,
    },
    training: {
      ...training(4, { ...small, epochs: 5, batchSize: 64, baseLearningRate: 1.2e-3 }),
      dropPath: 0,
    },
    sampling: { guidance: linearRamp({ from: 1, to: 2.5 }), topK: 512, topP: 0.96 },
  },
};

/**
 * Parts of parameter names that weight decay leaves alone, besides vectors and biases: positions, level
 * embeddings, per-head scales and modulation offsets. The class embedding is decayed.
 */
export const varDecayExempt: readonly string[] = [
  "positions",
  "startPosition",
  "levelEmbedding",
  "logScale",
  "modulations.offset",
];

/** Trainable numbers of each part. */
export interface VarParameterCount {
  readonly transformer: number;
  readonly tokenizer: number;
  readonly encoder: number;
  readonly decoder: number;
  /** Codebook and φ convolutions. */
  readonly quantizer: number;
  /** The two convolutions around the quantiser. */
  readonly quantizerConvs: number;
}

/** The number of parameters, in closed form from the sizes alone. */
export function parameterCount(config: VarConfig): VarParameterCount {
  const { latentChannels, codebookSize, scales, tokenizer } = config;
  const { channels, multipliers, encoderBlocks, decoderBlocks, phiSharing } = tokenizer;
  const levels = multipliers.map((multiplier) => channels * multiplier);
  const latentConv = conv(latentChannels, latentChannels);
  const encoder = half(levels, encoderBlocks, { into: 3, outOf: latentChannels });
  const decoder = half(levels, decoderBlocks, { into: latentChannels, outOf: 3, up: true });
  const quantizer =
    codebookSize * latentChannels + phiCount(scales.length, phiSharing) * latentConv;
  const quantizerConvs = 2 * latentConv;
  return {
    transformer: transformerCount(config),
    tokenizer: encoder + decoder + quantizer + quantizerConvs,
    encoder,
    decoder,
    quantizer,
    quantizerConvs,
  };
}

function transformerCount(config: VarConfig): number {
  const { depth, width, heads, scales, classes, codebookSize, latentChannels } = config;
  const embeddings =
    linear(latentChannels, width) + (classes + 1 + 1 + tokenCount(scales) + scales.length) * width;
  const attention =
    3 * width * width +
    2 * width +
    linear(width, width) +
    (config.queryKeyNorm === "l2" ? heads : 0);
  const mlp = linear(width, 4 * width) + linear(4 * width, width);
  const modulation = linear(width, 6 * width);
  const perBlock = attention + mlp + (config.sharedModulation ? 6 * width : modulation);
  const head = linear(width, 2 * width) + linear(width, codebookSize);
  return embeddings + depth * perBlock + (config.sharedModulation ? modulation : 0) + head;
}

interface Ends {
  readonly into: number;
  readonly outOf: number;
  readonly up?: boolean;
}

/** Encoder or decoder; `levels` are channels, fine to coarse, and the decoder walks them backwards. */
function half(levels: readonly number[], blocks: number, { into, outOf, up }: Ends): number {
  const walk = up ? [...levels].reverse() : levels;
  const deepest = levels.at(-1)!;
  const [first, last] = [walk[0]!, walk.at(-1)!];
  let count = conv(into, first) + norm(last) + conv(last, outOf);
  count +=
    2 * residualBlock(deepest, deepest) +
    attentionBlock(deepest) +
    blocks * attentionBlock(deepest);
  for (const [i, channels] of walk.entries()) {
    count += residualBlock(walk[i - 1] ?? first, channels);
    count += (blocks - 1) * residualBlock(channels, channels);
    // resampling convolutions lie between levels
    if (i < walk.length - 1) count += conv(channels, channels);
  }
  return count;
}

function residualBlock(inputs: number, outputs: number): number {
  const shortcut = inputs === outputs ? 0 : conv(inputs, outputs, 1);
  return norm(inputs) + conv(inputs, outputs) + norm(outputs) + conv(outputs, outputs) + shortcut;
}

function attentionBlock(channels: number): number {
  return norm(channels) + conv(channels, 3 * channels, 1) + conv(channels, channels, 1);
}

function norm(channels: number): number {
  return 2 * channels;
}

function conv(inputs: number, outputs: number, kernel = 3): number {
  return inputs * outputs * kernel * kernel + outputs;
}

function linear(inputs: number, outputs: number): number {
  return inputs * outputs + outputs;
}
