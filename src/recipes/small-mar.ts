/**
 * A masked model on your own pictures: words from `metadata.jsonl`, class folders or file names.
 *
 *   ordo train small-mar --data pictures --tokenizer runs/tokenizer/model --out runs/model
 */
import { emojiMar } from "./emoji-mar.ts";
import type { MarRecipe } from "./recipe.ts";
import { smallVar } from "./small-var.ts";

const { system: _, sizes: __, sampling: ___, ...base } = smallVar;

export const smallMar: MarRecipe = {
  ...base,
  system: "mar",
  name: "small-mar",
  summary: "64×64 pictures from words, in sets of vectors, trained on your own pictures",
  sizes: {
    ...emojiMar.sizes,
    width: 192,
    encoder: { depth: 2, heads: 6 },
    decoder: { depth: 2, heads: 6 },
    head: { ...emojiMar.sizes.head, width: 192 },
  },
  attentionDropout: 0,
  branchDropout: 0,
  repeats: emojiMar.repeats,
  sampling: emojiMar.sampling,
};
