/**
 * A masked model beside `emoji-var`: the same pictures, words, batch and about as many parameters. All
 * its steps together are the work of all steps there: one takes 32 GFLOP, and one there 67 (`ordo bench
 * mar-step`, `var-step`).
 *
 *   ordo train emoji-mar --data noto-emoji-128.zip --tokenizer runs/emoji-mar-tokenizer/model \
 *     --out runs/emoji-mar
 */
import { emojiCardOf } from "./emoji-card.ts";
import { emojiVar } from "./emoji-var.ts";
import type { MarRecipe } from "./recipe.ts";

const { name: _, summary: __, system: ___, sizes: ____, ...base } = emojiVar;

export const emojiMar: MarRecipe = {
  ...base,
  system: "mar",
  name: "emoji-mar",
  summary: "64×64 pictures from words, in sets of vectors, on a tokenizer of 8×8 vectors",
  sizes: {
    width: 256,
    encoder: { depth: 3, heads: 8 },
    decoder: { depth: 3, heads: 8 },
    classSlots: 8,
    // so that few pictures teach what a word means where
    placeMap: { features: 1024, rank: 16 },
    // tokens deviate by 1; a short training leaves the denoiser too coarse for the schedule's first step
    head: { width: 256, depth: 3, clip: 5 },
    steps: 16,
    diffusionSteps: 50,
  },
  card: emojiCardOf("masked prediction of vectors in random order (MAR)"),
  // a run that sees each picture a few times has nothing to forget
  attentionDropout: 0,
  branchDropout: 0,
  // more pictures in the same work, rather than more noises of each
  repeats: 1,
  sampling: { guidance: 3, temperature: 0.7 },
  plan: { ...base.plan, steps: 7680, learningRate: 1e-3, clipNorm: 3 },
};
