/** The sizes of an official VAR, told from the shapes in its files (sheet: checkpoint layout). */

import { CheckpointError } from "../errors.ts";
import type { OfficialVarSettings } from "./official-var-settings.ts";
import { toInt32 } from "./tensor-data.ts";
import type { TensorEntry, TensorFile } from "./tensor-file.ts";
import { counted, levelFactors, shapesOf } from "./told-sizes.ts";

/** Which of the two files of a VAR a checkpoint is, or null if it is neither. */
export function officialVarPart(
  entries: readonly TensorEntry[],
): "transformer" | "tokenizer" | null {
  const names = new Set(entries.map(({ name }) => name));
  if (names.has("pos_1LC") && names.has("word_embed.weight")) return "transformer";
  const isTokenizer =
    names.has("quantize.embedding.weight") && names.has("encoder.down.0.block.0.conv1.weight");
  return isTokenizer ? "tokenizer" : null;
}

/** Sizes of the tokenizer but the sides of its maps, which its file does not hold. */
export function officialTokenizerSizes(
  file: Pick<TensorFile, "path" | "entries">,
): Omit<OfficialVarSettings["tokenizer"], "patch_nums"> {
  const { entries } = file;
  const shapes = shapesOf(file, "a VAR", {
    "encoder.conv_in.weight": 4,
    "quantize.embedding.weight": 2,
  });
  const ch = shapes("encoder.conv_in.weight")[0]!;
  const [vocab_size, z_channels] = shapes("quantize.embedding.weight") as [number, number];
  const levels = counted(entries, /^encoder\.down\.(\d+)\./);
  return {
    ch,
    ch_mult: levelFactors(file, ch, levels, (l) => `encoder.down.${l}.block.0.conv1.weight`),
    num_res_blocks: counted(entries, /^encoder\.down\.0\.block\.(\d+)\./),
    vocab_size,
    z_channels,
    share_quant_resi: counted(entries, /^quantize\.quant_resi\.qresi_ls\.(\d+)\./),
  };
}

export type OfficialTransformerSizes = OfficialVarSettings["transformer"] & {
  /** Sides of the token maps, from the buffer that numbers them; null if the file has none. */
  readonly patch_nums: readonly number[] | null;
  /** Number of token maps, and of tokens in all of them. */
  readonly maps: number;
  readonly tokens: number;
};

/** Sizes of the transformer. @throws CheckpointError listing the keys that should tell them */
export async function officialTransformerSizes(
  file: TensorFile,
): Promise<OfficialTransformerSizes> {
  const { path, entries } = file;
  const shapes = shapesOf(file, "a VAR", {
    "class_emb.weight": 2,
    "lvl_embed.weight": 2,
    pos_1LC: 3,
  });
  const [classes, width] = shapes("class_emb.weight") as [number, number];
  const scale = entries.find(({ name }) => name === "blocks.0.attn.scale_mul_1H11");
  const heads = scale?.shape[1] ?? width / 64;
  if (!Number.isInteger(heads) || heads < 1) {
    const expected = "heads of 64 channels, as the official code makes them";
    throw new CheckpointError({ where: path, expected, got: `${width} channels` });
  }
  return {
    depth: counted(entries, /^blocks\.(\d+)\./),
    heads,
    width,
    shared_adaln: entries.some(({ name }) => name === "shared_ada_lin.1.weight"),
    attn_l2_norm: scale !== undefined,
    // the last one is the null class
    num_classes: classes - 1,
    patch_nums: await sidesOf(file),
    maps: shapes("lvl_embed.weight")[0]!,
    tokens: shapes("pos_1LC")[1]!,
  };
}

/** The buffer `lvl_1L` holds the number of its map for every token; maps are square. */
async function sidesOf(file: TensorFile): Promise<number[] | null> {
  const entry = file.entries.find(({ name }) => name === "lvl_1L");
  // positions of one sequence: a larger one is something else, and not worth loading
  if (!entry || entry.shape.reduce((product, size) => product * size, 1) > 1 << 20) return null;
  const counts: number[] = [];
  for (const level of toInt32(await file.read("lvl_1L"), `${file.path}: lvl_1L`)) {
    if (level < 0 || level > 1000) return null;
    counts[level] = (counts[level] ?? 0) + 1;
  }
  const sides = Array.from(counts, (count = 0) => Math.sqrt(count));
  return sides.every((side) => Number.isInteger(side) && side > 0) ? sides : null;
}
