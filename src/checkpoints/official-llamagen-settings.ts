/** The sizes of an official LlamaGen model as parity cases and its code write them. */

import { z } from "zod";
import { CheckpointError } from "../errors.ts";
import type { ParityCase } from "./parity-case.ts";

/** Field names are those of the official code. */
export interface OfficialLlamaGenSettings {
  readonly tokenizer: {
    /** Channels of the first level; `ch_mult` multiplies them per level. */
    readonly ch: number;
    readonly ch_mult: readonly number[];
    readonly z_channels: number;
    readonly codebook_size: number;
    readonly codebook_embed_dim: number;
    readonly l2_norm: true;
  };
  readonly transformer: {
    readonly dim: number;
    readonly n_layer: number;
    readonly n_head: number;
    /** The hidden width of the MLPs is a multiple of it. */
    readonly multiple_of: number;
    readonly model_type: "c2i" | "t2i";
    /** Without the null class. */
    readonly num_classes: number;
    /** Rows of the condition. */
    readonly cls_token_num: number;
    /** Numbers per row of a caption. */
    readonly caption_dim?: number;
    readonly vocab_size: number;
    /** Tokens of a picture. */
    readonly block_size: number;
  };
  readonly sampling: {
    readonly batch: number;
    readonly cfg_scale: number;
    readonly top_k: number;
  };
}

const count = z.int().positive();
const schema: z.ZodType<OfficialLlamaGenSettings> = z.object({
  tokenizer: z.object({
    ch: count,
    ch_mult: z.array(count).min(1),
    z_channels: count,
    codebook_size: count,
    codebook_embed_dim: count,
    l2_norm: z.literal(true),
  }),
  transformer: z.object({
    dim: count,
    n_layer: count,
    n_head: count,
    multiple_of: count,
    model_type: z.enum(["c2i", "t2i"]),
    num_classes: count,
    cls_token_num: count,
    caption_dim: count.exactOptional(),
    vocab_size: count,
    block_size: count.refine((n) => Number.isInteger(Math.sqrt(n)), "must be a square"),
  }),
  sampling: z.object({ batch: count, cfg_scale: z.number(), top_k: z.int().nonnegative() }),
});

/** The sizes and sampling settings of a case of system `llamagen`. @throws CheckpointError */
export function officialLlamaGenSettings({ path, settings }: ParityCase): OfficialLlamaGenSettings {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CheckpointError({
    where: `${path}/case.json`,
    expected: "the sizes of a LlamaGen",
    got: problems.join("; "),
  });
}
