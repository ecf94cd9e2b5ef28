/** The published configurations of MAR (arXiv:2406.11838; sheet mar, "Published configurations"). */
import type { KlAutoencoderOptions } from "../tokenizers/kl-autoencoder.ts";
import type { MarConfig } from "./mar-config.ts";

/** KL-16, which all released models share, for pictures of so many pixels. */
function kl16(pixels: number): KlAutoencoderOptions {
  return {
    kind: "kl",
    channels: 128,
    multipliers: [1, 1, 2, 2, 4],
    encoderBlocks: 2,
    decoderBlocks: 3,
    latentChannels: 16,
    groups: 32,
    patchSize: 1,
    attention: true,
    separateAttention: true,
    height: pixels / 16,
    width: pixels / 16,
    cellsPerToken: 1,
    latentScale: 0.2325,
  };
}

interface Size {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  readonly head: { readonly depth: number; readonly width: number };
}

function published({ depth, width, heads, head }: Size, pixels = 256): MarConfig {
  return {
    width,
    encoder: { depth, heads },
    decoder: { depth, heads },
    classSlots: 64,
    head,
    steps: 256,
    diffusionSteps: 100,
    conditioning: { kind: "classes", classes: 1000 },
    tokenizer: kl16(pixels),
  };
}

const base = { depth: 12, width: 768, heads: 12, head: { depth: 6, width: 1024 } };
const large = { depth: 16, width: 1024, heads: 16, head: { depth: 8, width: 1280 } };
const huge = { depth: 20, width: 1280, heads: 16, head: { depth: 12, width: 1536 } };

export type MarPresetName = "b-256" | "l-256" | "h-256" | "l-512" | "ablation-l" | "tiny";

export const marPresets: Readonly<Record<MarPresetName, MarConfig>> = {
  "b-256": published(base),
  "l-256": published(large),
  "h-256": published(huge),
  "l-512": published(large, 512),
  "ablation-l": { ...published({ ...large, head: { depth: 3, width: 1024 } }), steps: 64 },
  // the sheet's small-scale reproduction, on latents of 8×8 cells
  tiny: {
    width: 192,
    encoder: { depth: 4, heads: 4 },
    decoder: { depth: 4, heads: 4 },
    classSlots: 8,
    head: { depth: 3, width: 256 },
    steps: 16,
    diffusionSteps: 50,
    conditioning: { kind: "classes", classes: 10 },
    tokenizer: {
      kind: "kl",
      channels: 32,
      multipliers: [1, 2, 2],
      encoderBlocks: 1,
      decoderBlocks: 2,
      latentChannels: 8,
      groups: 32,
      patchSize: 1,
      attention: true,
      height: 8,
      width: 8,
      cellsPerToken: 1,
      latentScale: 1,
    },
  },
};
