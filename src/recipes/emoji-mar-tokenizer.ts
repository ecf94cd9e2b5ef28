/**
 * The tokenizer of `emoji-mar`: 64×64 pictures as one map of 8×8 vectors, on the pictures and with the
 * reconstruction losses of `emoji-tokenizer`.
 *
 *   ordo train emoji-mar-tokenizer --data noto-emoji-128.zip --out runs/emoji-mar-tokenizer
 */
import { emojiTokenizer } from "./emoji-tokenizer.ts";
import type { TokenizerRecipe } from "./recipe.ts";

export const emojiMarTokenizer: TokenizerRecipe = {
  ...emojiTokenizer,
  name: "emoji-mar-tokenizer",
  summary: "the tokenizer of emoji-mar: 64×64 pictures as 8×8 vectors",
  tokenizer: {
    kind: "kl",
    channels: 32,
    multipliers: [1, 2, 3],
    encoderBlocks: 1,
    decoderBlocks: 2,
    latentChannels: 8,
    groups: 8,
    patchSize: 2,
    attention: true,
    height: 8,
    width: 8,
    cellsPerToken: 1,
    latentScale: 1,
  },
  // finer details than the divergence lets through cost a small model more than they show
  losses: { ...emojiTokenizer.losses, divergence: 2e-5 },
};
