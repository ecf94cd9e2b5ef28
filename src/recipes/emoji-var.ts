/**
 * The shipped model: 64×64 pictures from words.
 *
 *   ordo train emoji-var --data noto-emoji-128.zip --tokenizer runs/emoji-tokenizer/model \
 *     --out runs/emoji-var
 */
import { defaultPlan } from "../training/plan.ts";
import { cosineRate } from "../training/schedules.ts";
import { emojiCardOf } from "./emoji-card.ts";
import type { VarRecipe } from "./recipe.ts";

export const emojiVar: VarRecipe = {
  kind: "system",
  system: "var",
  name: "emoji-var",
  summary: "the shipped model: 64×64 pictures from words, on a tokenizer of 130 tokens",
  card: emojiCardOf("next-scale prediction (VAR)"),
  data: {
    size: 64,
    exclude: [{ field: "text", pattern: "skin tone" }],
    // the words fix the picture; a mirror image is the one change that keeps them true
    augment: { flip: 0.2 },
  },
  sizes: {
    depth: 6,
    width: 256,
    heads: 8,
    sharedModulation: false,
    queryKeyNorm: "l2",
    gainInit: 0.1,
  },
  conditioning: {
    kind: "words",
    words: {
      vocabulary: 2048,
      pieces: 512,
      maxWords: 12,
      keywordField: "keywords",
      keywordShare: 0.1,
      partShare: 0.1,
    },
  },
  conditionDrop: 0.08,
  dropPath: 0,
  sampling: { guidance: 2, topK: 0, topP: 0.7, temperature: 0.7 },
  plan: {
    ...defaultPlan,
    steps: 3600,
    batchSize: 16,
    learningRate: 1.5e-3,
    schedule: cosineRate({ warmup: { steps: 150 }, warmupStart: 0.01, end: 0.02 }),
    averaging: { decay: 0.998, warmup: true },
    previewEvery: 500,
  },
};
