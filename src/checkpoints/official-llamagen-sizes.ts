/** The sizes of an official LlamaGen, told from its files (sheet: checkpoint layout). */

import type { OfficialLlamaGenSettings } from "./official-llamagen-settings.ts";
import type { TensorEntry, TensorFile } from "./tensor-file.ts";
import { counted, levelFactors, shapesOf } from "./told-sizes.ts";

type Described = Pick<TensorFile, "path" | "entries">;

/** Which of the two files of a LlamaGen a checkpoint is, or null if it is neither. */
export function officialLlamaGenPart(
  entries: readonly TensorEntry[],
): "transformer" | "tokenizer" | null {
  const has = (pattern: RegExp) => entries.some(({ name }) => pattern.test(name));
  if (has(/^tok_embeddings\.weight$/) && has(/^cls_embedding\./)) return "transformer";
  return has(/^encoder\.conv_blocks\.\d+\.res\./) ? "tokenizer" : null;
}

/** @throws CheckpointError listing the keys that should tell them. */
export function officialLlamaGenTokenizerSizes(
  file: Described,
): OfficialLlamaGenSettings["tokenizer"] {
  const shapes = shapesOf(file, "a LlamaGen tokenizer", {
    "encoder.conv_in.weight": 4,
    "encoder.conv_out.weight": 4,
    "quantize.embedding.weight": 2,
  });
  const ch = shapes("encoder.conv_in.weight")[0]!;
  const [codebook_size, codebook_embed_dim] = shapes("quantize.embedding.weight") as [
    number,
    number,
  ];
  const levels = counted(file.entries, /^encoder\.conv_blocks\.(\d+)\./);
  return {
    ch,
    ch_mult: levelFactors(file, ch, levels, (l) => `encoder.conv_blocks.${l}.res.0.conv1.weight`),
    z_channels: shapes("encoder.conv_out.weight")[0]!,
    codebook_size,
    codebook_embed_dim,
    l2_norm: true,
  };
}

export interface OfficialLlamaGenTransformerSizes
  extends Omit<
    OfficialLlamaGenSettings["transformer"],
    "n_head" | "multiple_of" | "block_size" | "caption_dim"
  > {
  /** Hidden width of the MLPs. */
  readonly hidden: number;
  readonly caption_dim: number;
  /** From the table of rotations, which most files do not have. */
  readonly rotations: { readonly tokens: number; readonly headSize: number } | null;
}

/** Sizes of the transformer. @throws CheckpointError listing the keys that should tell them */
export function officialLlamaGenTransformerSizes(
  file: Described,
): OfficialLlamaGenTransformerSizes {
  const { entries } = file;
  const projection = "cls_embedding.cap_proj.fc1.weight";
  const ofCaptions = entries.some(({ name }) => name === projection);
  const condition = ofCaptions
    ? { [projection]: 2, "cls_embedding.uncond_embedding": 2 }
    : { "cls_embedding.embedding_table.weight": 2 };
  const shapes = shapesOf(file, "a LlamaGen", {
    "tok_embeddings.weight": 2,
    "layers.0.feed_forward.w1.weight": 2,
    ...condition,
  });
  const [vocab_size, dim] = shapes("tok_embeddings.weight") as [number, number];
  const cls_token_num = ofCaptions ? shapes("cls_embedding.uncond_embedding")[0]! : 1;
  const rotations = entries.find(({ name }) => name === "freqs_cis")?.shape;
  return {
    dim,
    vocab_size,
    cls_token_num,
    n_layer: counted(entries, /^layers\.(\d+)\./),
    hidden: shapes("layers.0.feed_forward.w1.weight")[0]!,
    model_type: ofCaptions ? "t2i" : "c2i",
    // the last one is the null class
    num_classes: ofCaptions ? 1 : shapes("cls_embedding.embedding_table.weight")[0]! - 1,
    caption_dim: ofCaptions ? shapes(projection)[1]! : 0,
    rotations:
      rotations?.length === 3
        ? { tokens: rotations[0]! - cls_token_num, headSize: 2 * rotations[1]! }
        : null,
  };
}
