/**
 * VAR against the same pictures in raster order (sheet var, "Small-scale reproduction"): tokenizers
 * of one network and training, models of about equal size, the same number of pictures seen.
 */
import { openFeatureNetwork } from "../features/open-network.ts";
import { gatedWidth } from "../nn/gated-feed-forward.ts";
import { squareScales } from "../orders/scale-schedule.ts";
import { llamaGenSystem } from "../systems/llamagen.ts";
import { varSystem } from "../systems/var.ts";
import type { AutoencoderOptions } from "../tokenizers/autoencoder.ts";
import type { TokenizerOptions } from "../tokenizers/tokenizer.ts";
import { drawAndMeasure, featureStatistics } from "./draw-and-measure.ts";
import type { Reproduction, SeedContext } from "./reproduction.ts";
import { heldOutScenes, shapeLabels } from "./scene-batches.ts";
import { type ArmOptions, type ArmSizes, trainArm } from "./train-arm.ts";

interface Sizes extends ArmSizes {
  /** Pictures of each measurement, and as many real ones. */
  readonly pictures: number;
}

const full: Sizes = {
  size: 32,
  batchSize: 32,
  tokenizerSteps: 800,
  modelSteps: 1500,
  measurements: 3,
  // ten for each of the network's 128 features
  pictures: 1280,
};

const quick: Sizes = { ...full, tokenizerSteps: 10, modelSteps: 10, measurements: 2, pictures: 32 };

const FEATURES = "emoji-scenes";
const WIDTH = 128;

const network: AutoencoderOptions = {
  channels: 32,
  multipliers: [1, 2],
  encoderBlocks: 1,
  decoderBlocks: 1,
  latentChannels: 16,
  groups: 8,
  patchSize: 2,
  attention: false,
};
const codebookSize = 512;
const maps = [1, 2, 3, 4, 6, 8];

const scaleTokenizer = { ...network, codebookSize, phiSharing: 4, scales: squareScales(maps) };
const gridTokenizer = {
  ...network,
  kind: "vq",
  codebookSize,
  codeChannels: 8,
  grid: { height: 8, width: 8 },
} as const;

export const varReproduction: Reproduction = {
  system: "var",
  claim: "Predicting scale by scale draws better pictures than token by token, and faster.",
  source: "arXiv:2404.02905, abstract: FID 18.65 to 1.80, about 20 times as fast, at 256×256",
  baseline: "raster",
  measures: [
    { name: "distance", unit: `FD[${FEATURES}]`, claimed: "lower", compared: "ratio" },
    { name: "milliseconds", unit: "a picture", claimed: "lower", compared: "ratio" },
  ],
  curve: `FD[${FEATURES}]`,
  setting: (isQuick) => settingOf(isQuick ? quick : full),
  run: async (context) => {
    const sizes = context.quick ? quick : full;
    const features = await openFeatureNetwork(context.device, FEATURES);
    try {
      const reference = await featureStatistics(
        features,
        heldOutScenes(sizes.pictures, sizes.size),
      );
      const draw: ArmOptions["draw"] = (composition, parameters) =>
        drawAndMeasure(context.device, {
          composition,
          parameters,
          classes: shapeLabels.length,
          count: sizes.pictures,
          seed: context.seed * 1_000_000,
          network: features,
          reference,
          signal: context.signal,
        });
      const baseline = await trainArm(context, sizes, { ...raster, draw }, half(context, 0));
      const system = await trainArm(context, sizes, { ...byScale, draw }, half(context, 0.5));
      return { baseline, system };
    } finally {
      await features.close();
    }
  },
};

type Arm = Omit<ArmOptions, "draw">;

const conditionDrop = { conditionDrop: 0 };

const raster: Arm = {
  name: "raster",
  tokenizer: gridTokenizer,
  learningRate: 1e-3,
  compose: (classes) => {
    const composed = llamaGenSystem.compose(
      {
        depth: 6,
        width: WIDTH,
        heads: 4,
        hidden: gatedWidth(WIDTH, 32),
        conditioning: { kind: "classes", classes },
        tokenizer: gridTokenizer,
      },
      {},
    );
    // short runs on endless data have nothing to forget
    const regular = { ...conditionDrop, tokenDropout: 0, branchDropout: 0 };
    return { ...composed, objective: { ...composed.objective, ...regular } };
  },
};

const byScale: Arm = {
  name: "var",
  tokenizer: scaleTokenizer,
  learningRate: 1e-3,
  compose: (classes) => {
    const composed = varSystem.compose(
      {
        depth: 4,
        width: WIDTH,
        heads: 4,
        sharedModulation: false,
        queryKeyNorm: "l2",
        gainInit: 0.1,
        conditioning: { kind: "classes", classes },
        tokenizer: scaleTokenizer,
      },
      {},
    );
    return { ...composed, objective: { ...composed.objective, ...conditionDrop } };
  },
};

/** Progress of an arm as the first or second half of the seed's. */
function half({ onProgress }: SeedContext, from: number) {
  return (share: number, doing: string) => onProgress(from + share / 2, doing);
}

function settingOf({ size, batchSize, tokenizerSteps, modelSteps, pictures }: Sizes) {
  const latents = (tokenizer: TokenizerOptions) =>
    "grid" in tokenizer ? "8×8 tokens" : `maps ${maps.join(", ")}`;
  return {
    data: `${shapeLabels.length} classes of procedural shapes, ${size}×${size} pixels`,
    tokenizers: `${codebookSize} codes; ${latents(gridTokenizer)} / ${latents(scaleTokenizer)}`,
    models: `width ${WIDTH}; Llama transformer of depth 6 / AdaLN transformer of depth 4`,
    "batch size": batchSize,
    "tokenizer steps": tokenizerSteps,
    "model steps": modelSteps,
    "samples and real pictures": pictures,
    sampling: "all tokens, temperature 1, no guidance, one picture at a time",
  };
}
