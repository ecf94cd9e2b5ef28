/** The sizes of an official MAR, told from the shapes in its files (sheet mar: checkpoint layout). */

import { CheckpointError } from "../errors.ts";
import type { TensorEntry, TensorFile } from "./tensor-file.ts";
import { counted, levelFactors, shapesOf } from "./told-sizes.ts";

type Described = Pick<TensorFile, "path" | "entries">;

/** Which of the two files of a MAR a checkpoint is, or null if it is neither. */
export function officialMarPart(
  entries: readonly TensorEntry[],
): "transformer" | "tokenizer" | null {
  const names = new Set(entries.map(({ name }) => name));
  if (names.has("encoder_pos_embed_learned") && names.has("z_proj.weight")) return "transformer";
  const isTokenizer =
    names.has("encoder.down.0.block.0.conv1.weight") && !names.has("quantize.embedding.weight");
  return isTokenizer ? "tokenizer" : null;
}

export interface OfficialMarTokenizerSizes {
  readonly channels: number;
  readonly multipliers: readonly number[];
  readonly encoderBlocks: number;
  readonly decoderBlocks: number;
  readonly latentChannels: number;
}

/** @throws CheckpointError listing the keys that should tell them. */
export function officialMarTokenizerSizes(file: Described): OfficialMarTokenizerSizes {
  const { entries } = file;
  const shapes = shapesOf(file, "a MAR tokenizer", {
    "encoder.conv_in.weight": 4,
    "post_quant_conv.weight": 4,
  });
  const channels = shapes("encoder.conv_in.weight")[0]!;
  const levels = counted(entries, /^encoder\.down\.(\d+)\./);
  return {
    channels,
    multipliers: levelFactors(
      file,
      channels,
      levels,
      (l) => `encoder.down.${l}.block.0.conv1.weight`,
    ),
    encoderBlocks: counted(entries, /^encoder\.down\.0\.block\.(\d+)\./),
    decoderBlocks: counted(entries, /^decoder\.up\.0\.block\.(\d+)\./),
    latentChannels: shapes("post_quant_conv.weight")[1]!,
  };
}

export interface OfficialMarTransformerSizes {
  readonly width: number;
  readonly encoderDepth: number;
  readonly decoderDepth: number;
  readonly classSlots: number;
  readonly classes: number;
  readonly head: { readonly width: number; readonly depth: number };
  /** Tokens per side of a picture, and numbers in each. */
  readonly side: number;
  readonly tokenChannels: number;
}

/** @throws CheckpointError listing the keys that should tell them, or if tokens make no square. */
export function officialMarTransformerSizes(file: Described): OfficialMarTransformerSizes {
  const { entries, path } = file;
  const shapes = shapesOf(file, "a MAR", {
    "class_emb.weight": 2,
    "z_proj.weight": 2,
    encoder_pos_embed_learned: 3,
    diffusion_pos_embed_learned: 3,
    "diffloss.net.input_proj.weight": 2,
  });
  const [width, tokenChannels] = shapes("z_proj.weight") as [number, number];
  const tokens = shapes("diffusion_pos_embed_learned")[1]!;
  const side = Math.sqrt(tokens);
  if (!Number.isInteger(side) || side < 1) {
    throw new CheckpointError({ where: path, expected: "a square of tokens", got: `${tokens}` });
  }
  return {
    width,
    tokenChannels,
    side,
    encoderDepth: counted(entries, /^encoder_blocks\.(\d+)\./),
    decoderDepth: counted(entries, /^decoder_blocks\.(\d+)\./),
    classSlots: shapes("encoder_pos_embed_learned")[1]! - tokens,
    classes: shapes("class_emb.weight")[0]!,
    head: {
      width: shapes("diffloss.net.input_proj.weight")[0]!,
      depth: counted(entries, /^diffloss\.net\.res_blocks\.(\d+)\./),
    },
  };
}
