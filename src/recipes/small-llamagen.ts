/**
 * A raster model on your own pictures: words from `metadata.jsonl`, class folders or file names.
 *
 *   ordo train small-llamagen --data pictures --tokenizer runs/tokenizer/model --out runs/model
 */
import { gatedWidth } from "../nn/gated-feed-forward.ts";
import type { LlamaGenRecipe } from "./recipe.ts";
import { smallVar } from "./small-var.ts";

const { system: _, sizes: __, ...base } = smallVar;

export const smallLlamaGen: LlamaGenRecipe = {
  ...base,
  system: "llamagen",
  name: "small-llamagen",
  summary: "64×64 pictures from words, token by token, trained on your own pictures",
  sizes: { depth: 5, width: 192, heads: 6, hidden: gatedWidth(192, 64) },
  tokenDropout: 0.1,
  branchDropout: 0.1,
};
