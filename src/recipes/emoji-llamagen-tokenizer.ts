/**
 * The tokenizer of `emoji-llamagen`: 64×64 pictures as one map of 8×8 tokens, on the pictures and with
 * the losses of `emoji-tokenizer`.
 *
 *   ordo train emoji-llamagen-tokenizer --data noto-emoji-128.zip --out runs/emoji-llamagen-tokenizer
 */
import { emojiTokenizer } from "./emoji-tokenizer.ts";
import type { TokenizerRecipe } from "./recipe.ts";

export const emojiLlamaGenTokenizer: TokenizerRecipe = {
  ...emojiTokenizer,
  name: "emoji-llamagen-tokenizer",
  summary: "the tokenizer of emoji-llamagen: 64×64 pictures as 8×8 tokens",
  tokenizer: {
    kind: "vq",
    channels: 32,
    multipliers: [1, 2, 3],
    encoderBlocks: 1,
    decoderBlocks: 2,
    latentChannels: 16,
    groups: 8,
    patchSize: 2,
    attention: true,
    // one map has half the tokens of `emoji-tokenizer`: more codes keep a part of what that loses
    codebookSize: 2048,
    codeChannels: 8,
    grid: { height: 8, width: 8 },
  },
};
