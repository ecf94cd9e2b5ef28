/**
 * The tokenizer of `emoji-var`: 64×64 pictures as 130 tokens in six maps from 1×1 to 8×8.
 *
 *   ordo train emoji-tokenizer --data noto-emoji-128.zip --out runs/emoji-tokenizer
 */
import { squareScales } from "../orders/scale-schedule.ts";
import { defaultPlan } from "../training/plan.ts";
import { cosineRate } from "../training/schedules.ts";
import { emojiCard } from "./emoji-card.ts";
import type { ScaleTokenizerRecipe } from "./recipe.ts";

export const emojiTokenizer: ScaleTokenizerRecipe = {
  kind: "tokenizer",
  name: "emoji-tokenizer",
  summary: "the tokenizer of emoji-var: 64×64 pictures as 130 tokens in six maps",
  card: emojiCard,
  data: {
    size: 64,
    // variants of one picture that differ in skin tone only would outnumber all others
    exclude: [{ field: "text", pattern: "skin tone" }],
    augment: { shift: 0.06, scale: 0.12, flip: 0.5, hue: 8 },
  },
  tokenizer: {
    channels: 32,
    multipliers: [1, 2, 3],
    encoderBlocks: 1,
    decoderBlocks: 2,
    latentChannels: 16,
    groups: 8,
    patchSize: 2,
    attention: true,
    codebookSize: 1024,
    phiSharing: 4,
    scales: squareScales([1, 2, 3, 4, 6, 8]),
  },
  losses: { l1: 0.2, l2: 1, edges: 0.2, commitment: 0.25 },
  revival: { every: 20, until: 0.8, threshold: 0.02 },
  plan: {
    ...defaultPlan,
    steps: 2900,
    batchSize: 16,
    learningRate: 1e-3,
    schedule: cosineRate({ warmup: { steps: 100 }, warmupStart: 0.01, end: 0.02 }),
    weightDecay: { from: 0.01, to: 0.01 },
    averaging: { decay: 0.998, warmup: true },
    previewEvery: 500,
  },
};
