/** The sizes of an official VAR model as parity cases and its code write them. */

import { z } from "zod";
import { CheckpointError } from "../errors.ts";
import type { ParityCase } from "./parity-case.ts";

/** Field names are those of the official code. */
export interface OfficialVarSettings {
  readonly tokenizer: {
    /** Channels of the first level; `ch_mult` multiplies them per level. */
    readonly ch: number;
    readonly ch_mult: readonly number[];
    /** Per level of the encoder; the decoder has one more. */
    readonly num_res_blocks: number;
    readonly vocab_size: number;
    readonly z_channels: number;
    readonly patch_nums: readonly number[];
    /** Number of φ convolutions that the scales share. */
    readonly share_quant_resi: number;
  };
  readonly transformer: {
    readonly depth: number;
    readonly heads: number;
    readonly width: number;
    readonly shared_adaln: boolean;
    readonly attn_l2_norm: boolean;
    /** Without the null class. */
    readonly num_classes: number;
  };
  readonly sampling: { readonly batch: number; readonly cfg: number; readonly top_k: number };
}

const count = z.int().positive();
const schema: z.ZodType<OfficialVarSettings> = z.object({
  tokenizer: z.object({
    ch: count,
    ch_mult: z.array(count).min(1),
    num_res_blocks: count,
    vocab_size: count,
    z_channels: count,
    patch_nums: z.array(count).min(1),
    share_quant_resi: z.int().nonnegative(),
  }),
  transformer: z.object({
    depth: count,
    heads: count,
    width: count,
    shared_adaln: z.boolean(),
    attn_l2_norm: z.boolean(),
    num_classes: count,
  }),
  sampling: z.object({ batch: count, cfg: z.number(), top_k: z.int().nonnegative() }),
});

/** The sizes and sampling settings of a case of system `var`. @throws CheckpointError */
export function officialVarSettings({ path, system, settings }: ParityCase): OfficialVarSettings {
  const where = `${path}/case.json`;
  if (system !== "var") {
    throw new CheckpointError({ where, expected: 'system "var"', got: JSON.stringify(system) });
  }
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new CheckpointError({ where, expected: "the sizes of a VAR", got: problems.join("; ") });
}
