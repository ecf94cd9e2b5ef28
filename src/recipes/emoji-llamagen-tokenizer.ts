/**
 * The tokenizer of `emoji-llamagen`: 64×64 pictures as one map of 16×16 tokens, on the pictures and
 * with the losses of `emoji-tokenizer`.
 *
 *   ordo train emoji-llamagen-tokenizer --data noto-emoji-128.zip --out runs/emoji-llamagen-tokenizer
 */
import { emojiTokenizer } from "./emoji-tokenizer.ts";
import type { TokenizerRecipe } from "./recipe.ts";

export const emojiLlamaGenTokenizer: TokenizerRecipe = {
  ...emojiTokenizer,
  name: "emoji-llamagen-tokenizer",
  summary: "the tokenizer of emoji-llamagen: 64×64 pictures as 16×16 tokens",
  tokenizer: {
    kind: "vq",
    channels: 48,
    multipliers: [1, 2],
    encoderBlocks: 1,
    decoderBlocks: 2,
    latentChannels: 64,
    groups: 8,
    patchSize: 2,
    // over 16×16 cells it would cost as much as the rest
    attention: false,
    codebookSize: 1024,
    codeChannels: 8,
    grid: { height: 16, width: 16 },
  },
  // a step is twice the work of one of `emoji-tokenizer`, whose maps are half as wide
  plan: { ...emojiTokenizer.plan, steps: 1450 },
};
