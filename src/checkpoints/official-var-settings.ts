/** The sizes of an official VAR model as parity cases and its code write them. */

import { z } from "zod";
import { CheckpointError } from "../errors.ts";
import type { ParityCase } from "./parity-case.ts";

const count = z.int().positive();
const schema = z.object({
  tokenizer: z.object({
    /** Channels of the first level; `ch_mult` multiplies them per level. */
    ch: count,
    ch_mult: z.array(count).min(1),
    /** Per level of the encoder; the decoder has one more. */
    num_res_blocks: count,
    vocab_size: count,
    z_channels: count,
    patch_nums: z.array(count).min(1),
    /** Number of φ convolutions that the scales share. */
    share_quant_resi: z.int().nonnegative(),
  }),
  transformer: z.object({
    depth: count,
    heads: count,
    width: count,
    shared_adaln: z.boolean(),
    attn_l2_norm: z.boolean(),
    /** Without the null class. */
    num_classes: count,
  }),
  sampling: z.object({ batch: count, cfg: z.number(), top_k: z.int().nonnegative() }),
});

export type OfficialVarSettings = z.infer<typeof schema>;

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
