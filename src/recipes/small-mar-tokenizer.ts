/**
 * A tokenizer for masked models on a folder of your own pictures, at 64×64 pixels: 8×8 vectors.
 *
 *   ordo train small-mar-tokenizer --data pictures --out runs/tokenizer
 */
import { emojiMarTokenizer } from "./emoji-mar-tokenizer.ts";
import type { TokenizerRecipe } from "./recipe.ts";
import { smallTokenizer } from "./small-tokenizer.ts";

export const smallMarTokenizer: TokenizerRecipe = {
  ...smallTokenizer,
  name: "small-mar-tokenizer",
  summary: "a tokenizer for masked models on your own pictures, at 64×64 pixels",
  tokenizer: { ...emojiMarTokenizer.tokenizer, channels: 24 },
  losses: emojiMarTokenizer.losses,
};
