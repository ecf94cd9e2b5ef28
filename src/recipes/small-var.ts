/**
 * A model on your own pictures: words from `metadata.jsonl`, class folders or file names.
 *
 *   ordo train small-var --data pictures --tokenizer runs/tokenizer/model --out runs/model
 */
import { cosineRate } from "../training/schedules.ts";
import { emojiVar } from "./emoji-var.ts";
import type { VarRecipe } from "./recipe.ts";

const { card: _, ...base } = emojiVar;

export const smallVar: VarRecipe = {
  ...base,
  name: "small-var",
  summary: "64×64 pictures from words, trained on your own pictures",
  data: { size: 64, exclude: [], augment: { flip: 0.2 } },
  sizes: { ...base.sizes, depth: 4, width: 192, heads: 6 },
  conditioning: {
    kind: "words",
    words: {
      vocabulary: 1024,
      pieces: 256,
      maxWords: 12,
      keywordField: "keywords",
      keywordShare: 0.1,
      partShare: 0.1,
    },
  },
  plan: {
    ...base.plan,
    steps: 2000,
    batchSize: 8,
    schedule: cosineRate({ warmup: { share: 0.03 }, warmupStart: 0.01, end: 0.02 }),
    previewEvery: 250,
  },
};
