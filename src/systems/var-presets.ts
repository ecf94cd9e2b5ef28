/** The published configurations of VAR (arXiv:2404.02905; sheet var, "Published configurations"). */
import { type GuidanceSchedule, linearRamp } from "../guidance/schedule.ts";
import { type ScaleSchedule, scaleSchedules, squareScales } from "../orders/scale-schedule.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import type { VarConfig } from "./var-config.ts";

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

export interface VarPreset {
  readonly config: VarConfig;
  readonly training: VarTrainingConfig;
  readonly sampling: VarSamplingConfig;
}

/** The tokenizer that all released models share, at 256 and at 512 pixels. */
const releasedTokenizer: Omit<ScaleTokenizerOptions, "scales"> = {
  channels: 160,
  multipliers: [1, 1, 2, 2, 4],
  encoderBlocks: 2,
  decoderBlocks: 3,
  latentChannels: 32,
  groups: 32,
  patchSize: 1,
  attention: true,
  codebookSize: 4096,
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
function released(
  depth: number,
  scales: ScaleSchedule,
  recipe: Recipe,
  sharedModulation = false,
): VarPreset {
  return {
    config: {
      depth,
      width: 64 * depth,
      heads: depth,
      sharedModulation,
      queryKeyNorm: "l2",
      gainInit: recipe.gainInit,
      conditioning: { kind: "classes", classes: 1000 },
      tokenizer: { ...releasedTokenizer, scales },
    },
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

export const varPresets: Readonly<Record<VarPresetName, VarPreset>> = {
  "d16-256": released(16, scaleSchedules["256"], small),
  "d20-256": released(20, scaleSchedules["256"], { ...small, epochs: 250 }),
  "d24-256": released(24, scaleSchedules["256"], large),
  "d30-256": released(30, scaleSchedules["256"], {
    ...large,
    batchSize: 1024,
    gainInit: 1e-5,
    finalWeightDecay: 0.08,
  }),
  "d36s-512": released(
    36,
    scaleSchedules["512"],
    { ...large, gainInit: 5e-6, finalWeightDecay: 0.08 },
    true,
  ),
  // the sheet's small-scale reproduction: 32×32 pixels, 4 per token
  tiny: {
    config: {
      depth: 4,
      width: 128,
      heads: 4,
      sharedModulation: false,
      queryKeyNorm: "l2",
      gainInit: small.gainInit,
      conditioning: { kind: "classes", classes: 10 },
      tokenizer: {
        channels: 32,
        multipliers: [1, 2, 2],
        encoderBlocks: 1,
        decoderBlocks: 2,
        latentChannels: 16,
        groups: 32,
        patchSize: 1,
        attention: true,
        codebookSize: 512,
        phiSharing: 4,
        scales: squareScales([1, 2, 3, 4, 6, 8]),
      },
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
