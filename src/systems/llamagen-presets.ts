/** The published configurations of LlamaGen (arXiv:2406.06525; sheet, "Published configurations"). */
import { gatedWidth } from "../nn/gated-feed-forward.ts";
import type { VqTokenizerOptions } from "../tokenizers/vq-tokenizer.ts";
import type { LlamaGenConditioning, LlamaGenConfig } from "./llamagen-config.ts";

/** The tokenizer with 16 pixels per token that all released models but vq_ds8 use. */
function vq16(side: number): VqTokenizerOptions {
  return {
    kind: "vq",
    channels: 128,
    multipliers: [1, 1, 2, 2, 4],
    encoderBlocks: 2,
    decoderBlocks: 3,
    latentChannels: 256,
    groups: 32,
    patchSize: 1,
    attention: true,
    codebookSize: 16_384,
    codeChannels: 8,
    grid: { height: side, width: side },
  };
}

const imageNet: LlamaGenConditioning = { kind: "classes", classes: 1000 };
/** Flan-T5-XL, 120 tokens. */
const t5: LlamaGenConditioning = { kind: "captions", length: 120, channels: 2048 };

interface Sizes {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
}

function released({ depth, width, heads }: Sizes, side: number, conditioning = imageNet) {
  const hidden = gatedWidth(width, 256);
  return { depth, width, heads, hidden, conditioning, tokenizer: vq16(side) };
}

const b: Sizes = { depth: 12, width: 768, heads: 12 };
const l: Sizes = { depth: 24, width: 1024, heads: 16 };
const xl: Sizes = { depth: 36, width: 1280, heads: 20 };
const xxl: Sizes = { depth: 48, width: 1536, heads: 24 };

export type LlamaGenPresetName =
  | "b-256"
  | "b-384"
  | "l-256"
  | "l-384"
  | "xl-384"
  | "xxl-384"
  | "xxxl-384"
  | "1b-384"
  | "3b-384"
  | "7b-384"
  | "t2i-xl-256"
  | "t2i-xl-512"
  | "tiny";

export const llamaGenPresets: Readonly<Record<LlamaGenPresetName, LlamaGenConfig>> = {
  "b-256": released(b, 16),
  "b-384": released(b, 24),
  "l-256": released(l, 16),
  "l-384": released(l, 24),
  "xl-384": released(xl, 24),
  "xxl-384": released(xxl, 24),
  // the next two and 7b are in the code; no weights were released for them
  "xxxl-384": released({ depth: 48, width: 2560, heads: 40 }, 24),
  "1b-384": released({ depth: 22, width: 2048, heads: 32 }, 24),
  "3b-384": released({ depth: 24, width: 3200, heads: 32 }, 24),
  "7b-384": released({ depth: 32, width: 4096, heads: 32 }, 24),
  "t2i-xl-256": released(xl, 16, t5),
  "t2i-xl-512": released(xl, 32, t5),
  // the sheet's small-scale reproduction: 32×32 pixels, 4 per token
  tiny: {
    depth: 4,
    width: 128,
    heads: 4,
    hidden: gatedWidth(128, 32),
    conditioning: { kind: "classes", classes: 10 },
    tokenizer: {
      kind: "vq",
      channels: 32,
      multipliers: [1, 2, 2],
      encoderBlocks: 1,
      decoderBlocks: 2,
      latentChannels: 32,
      groups: 32,
      patchSize: 1,
      attention: true,
      codebookSize: 1024,
      codeChannels: 8,
      grid: { height: 8, width: 8 },
    },
  },
};
