/**
 * A raster model beside `emoji-var`: the same pictures, words, batch and about as many parameters. All
 * its steps together are the work of all steps there: one takes 50.0 GFLOP, and one there 67.4 (`ordo
 * bench llamagen-step`, `var-step`).
 *
 *   ordo train emoji-llamagen --data noto-emoji-128.zip \
 *     --tokenizer runs/emoji-llamagen-tokenizer/model --out runs/emoji-llamagen
 */
import { gatedWidth } from "../nn/gated-feed-forward.ts";
import { emojiCardOf } from "./emoji-card.ts";
import { emojiVar } from "./emoji-var.ts";
import type { LlamaGenRecipe } from "./recipe.ts";

const { name: _, summary: __, system: ___, sizes: ____, ...base } = emojiVar;

export const emojiLlamaGen: LlamaGenRecipe = {
  ...base,
  system: "llamagen",
  name: "emoji-llamagen",
  summary: "64×64 pictures from words, token by token, on a tokenizer of 8×8 tokens",
  sizes: { depth: 9, width: 256, heads: 8, hidden: gatedWidth(256, 64) },
  card: emojiCardOf("next-token prediction in raster order (LlamaGen)"),
  // a run that sees each picture a few times has nothing to forget
  tokenDropout: 0,
  branchDropout: 0,
  // what follows a token follows from it: a first one that is off the words leads the whole picture away
  sampling: { guidance: 1.5, topK: 0, topP: 0.9, temperature: 0.3 },
  plan: { ...base.plan, steps: 4850 },
};
