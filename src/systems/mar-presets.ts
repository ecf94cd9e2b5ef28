/** The published configurations of MAR (arXiv:2406.11838; sheet mar, "Published configurations"). */
import type { KlAutoencoderOptions } from "../tokenizers/kl-autoencoder.ts";
import type { MarConfig } from "./mar-config.ts";

export interface MarPreset {
  readonly config: MarConfig;
  /** Final scale of the linear guidance with which the paper evaluates. */
  readonly guidance: number;
}

/** KL-16, which all released models share, for pictures of so many pixels. */
function kl16(pixels: number): KlAutoencoderOptions {
  return {
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

function published({ depth, width, heads, head }: Size, guidance: number, pixels = 256): MarPreset {
  return {
    config: {
      width,
      encoder: { depth, heads },
      decoder: { depth, heads },
      classSlots: 64,
      head,
      steps: 256,
      diffusionSteps: 100,
      conditioning: { kind: "classes", classes: 1000 },
      tokenizer: kl16(pixels),
    },
    guidance,
  };
}

const base = { depth: 12, width: 768, heads: 12, head: { depth: 6, width: 1024 } };
const large = { depth: 16, width: 1024, heads: 16, head: { depth: 8, width: 1280 } };
const huge = { depth: 20, width: 1280, heads: 16, head: { depth: 12, width: 1536 } };

export type MarPresetName = "b-256" | "l-256" | "h-256" | "l-512" | "ablation-l" | "tiny";

export const marPresets: Readonly<Record<MarPresetName, MarPreset>> = {
  "b-256": published(base, 2.9),
  "l-256": published(large, 3),
  "h-256": published(huge, 3.2),
  "l-512": published(large, 4, 512),
  // without guidance and in 64 steps, as in the paper's tables
  "ablation-l": ablation(),
  // the sheet's small-scale reproduction, on latents of 8×8 cells
  tiny: {
    config: {
      width: 192,
      encoder: { depth: 4, heads: 4 },
      decoder: { depth: 4, heads: 4 },
      classSlots: 8,
      head: { depth: 3, width: 256 },
      steps: 16,
      diffusionSteps: 50,
      conditioning: { kind: "classes", classes: 10 },
      tokenizer: {
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
    guidance: 3,
  },
};

function ablation(): MarPreset {
  const { config } = published({ ...large, head: { depth: 3, width: 1024 } }, 1);
  return { config: { ...config, steps: 64 }, guidance: 1 };
}
