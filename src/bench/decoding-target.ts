/** A published next-token model that is timed token by token, in every number format of its weights. */
import type { LlamaGenPresetName } from "../systems/llamagen-presets.ts";

export interface DecodingTarget {
  readonly kind: "decoding";
  readonly name: string;
  readonly summary: string;
  /** A preset of LlamaGen. */
  readonly preset: LlamaGenPresetName;
  readonly bars: DecodingBars;
}

export interface DecodingBars {
  /** Most time of a token in fp32 over that of reading the weights it needs once. */
  readonly reading?: number;
  /** Most time of a token over that in fp32. */
  readonly int8?: number;
  readonly int4?: number;
}

const sides = "token by token with guidance, in fp32, int8 and int4";

/** 111 M parameters, 256 tokens. */
export const llamaGenB: DecodingTarget = {
  kind: "decoding",
  name: "llamagen-b",
  summary: `one 256×256 picture of LlamaGen-B ${sides}`,
  preset: "b-256",
  bars: { reading: 1.25, int8: 0.45, int4: 0.35 },
};

/** 343 M parameters. */
export const llamaGenL: DecodingTarget = {
  kind: "decoding",
  name: "llamagen-l",
  summary: `one 256×256 picture of LlamaGen-L ${sides}`,
  preset: "l-256",
  bars: {},
};

/** The same at the size of a toy. */
export const llamaGenTiny: DecodingTarget = {
  kind: "decoding",
  name: "llamagen-tiny",
  summary: `one 32×32 picture of a toy LlamaGen ${sides}`,
  preset: "tiny",
  bars: {},
};
