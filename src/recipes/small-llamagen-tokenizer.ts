/**
 * A tokenizer for raster models on a folder of your own pictures, at 64×64 pixels: 8×8 tokens.
 *
 *   ordo train small-llamagen-tokenizer --data pictures --out runs/tokenizer
 */
import type { TokenizerRecipe } from "./recipe.ts";
import { smallTokenizer } from "./small-tokenizer.ts";

export const smallLlamaGenTokenizer: TokenizerRecipe = {
  ...smallTokenizer,
  name: "small-llamagen-tokenizer",
  summary: "a tokenizer for raster models on your own pictures, at 64×64 pixels",
  tokenizer: {
    kind: "vq",
    channels: 24,
    multipliers: [1, 2, 3],
    encoderBlocks: 1,
    decoderBlocks: 2,
    latentChannels: 48,
    groups: 8,
    patchSize: 2,
    attention: true,
    codebookSize: 512,
    codeChannels: 8,
    grid: { height: 8, width: 8 },
  },
};
