/**
 * A tokenizer for a folder of your own pictures, at 64×64 pixels; minutes on two cores.
 *
 *   ordo train small-tokenizer --data pictures --out runs/tokenizer
 */
import { cosineRate } from "../training/schedules.ts";
import { emojiTokenizer } from "./emoji-tokenizer.ts";
import type { ScaleTokenizerRecipe } from "./recipe.ts";

const { card: _, ...base } = emojiTokenizer;

export const smallTokenizer: ScaleTokenizerRecipe = {
  ...base,
  name: "small-tokenizer",
  summary: "a tokenizer for your own pictures, at 64×64 pixels",
  data: { size: 64, exclude: [], augment: { shift: 0.06, scale: 0.12, flip: 0.5, hue: 8 } },
  tokenizer: { ...base.tokenizer, channels: 24, codebookSize: 512 },
  plan: {
    ...base.plan,
    steps: 1500,
    batchSize: 8,
    schedule: cosineRate({ warmup: { share: 0.03 }, warmupStart: 0.01, end: 0.02 }),
    previewEvery: 250,
  },
};
