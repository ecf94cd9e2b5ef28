/** Recipes for 16×16 pictures, small enough to be trained while a page is open. */

import { squareScales } from "../orders/scale-schedule.ts";
import type { ScaleTokenizerRecipe, VarRecipe, WordsRecipe } from "../recipes/recipe.ts";
import { smallTokenizer } from "../recipes/small-tokenizer.ts";
import { smallVar } from "../recipes/small-var.ts";

/** A VAR recipe whose pictures are asked for by words. */
export interface WordsVarRecipe extends VarRecipe {
  readonly conditioning: { readonly kind: "words"; readonly words: WordsRecipe };
}

const data = { size: 16, exclude: [], augment: {} };

export const pageTokenizer: ScaleTokenizerRecipe = {
  ...smallTokenizer,
  name: "page-tokenizer",
  summary: "a tokenizer for pictures in a page, at 16×16 pixels",
  data,
  tokenizer: {
    ...smallTokenizer.tokenizer,
    channels: 16,
    multipliers: [1, 1, 2],
    latentChannels: 8,
    groups: 4,
    patchSize: 1,
    attention: false,
    codebookSize: 64,
    scales: squareScales([1, 2, 3, 4]),
  },
  plan: { ...smallTokenizer.plan, steps: 300, averaging: { decay: 0.95, warmup: true } },
};

export const pageVar: WordsVarRecipe = {
  ...smallVar,
  name: "page-var",
  summary: "16×16 pictures from words, trained in a page",
  data,
  sizes: { ...smallVar.sizes, depth: 2, width: 64, heads: 4 },
  conditioning: {
    kind: "words",
    words: { vocabulary: 256, pieces: 64, maxWords: 6, keywordShare: 0, partShare: 0 },
  },
  plan: { ...smallVar.plan, steps: 300, averaging: { decay: 0.95, warmup: true } },
};
