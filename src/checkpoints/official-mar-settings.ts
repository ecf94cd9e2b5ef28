/** The sizes of an official MAR model as parity cases and its code write them. */

import { z } from "zod";
import { CheckpointError } from "../errors.ts";
import type { ParityCase } from "./parity-case.ts";

/** Field names are those of the official code. */
export interface OfficialMarSettings {
  readonly model: {
    readonly img_size: number;
    readonly vae_stride: number;
    readonly patch_size: number;
    readonly encoder_embed_dim: number;
    readonly encoder_depth: number;
    readonly encoder_num_heads: number;
    readonly decoder_depth: number;
    readonly decoder_num_heads: number;
    readonly vae_embed_dim: number;
    readonly class_num: number;
    readonly buffer_size: number;
    readonly diffloss_d: number;
    readonly diffloss_w: number;
    /** Diffusion steps while sampling, written as a text. */
    readonly num_sampling_steps: number;
  };
  readonly sampling: {
    readonly batch: number;
    readonly num_iter: number;
    readonly cfg: number;
    readonly cfg_schedule: "linear" | "constant";
    readonly temperature: number;
  };
}

const count = z.int().positive();
const schema: z.ZodType<OfficialMarSettings> = z.object({
  model: z.object({
    img_size: count,
    vae_stride: count,
    patch_size: count,
    encoder_embed_dim: count,
    encoder_depth: count,
    encoder_num_heads: count,
    decoder_depth: count,
    decoder_num_heads: count,
    vae_embed_dim: count,
    class_num: count,
    buffer_size: count,
    diffloss_d: count,
    diffloss_w: count,
    num_sampling_steps: z.string().transform(Number).pipe(count),
  }),
  sampling: z.object({
    batch: count,
    num_iter: count,
    cfg: z.number().positive(),
    cfg_schedule: z.enum(["linear", "constant"]),
    temperature: z.number().nonnegative(),
  }),
});

/** The sizes and sampling settings of a case of system `mar`. @throws CheckpointError */
export function officialMarSettings({ path, settings }: ParityCase): OfficialMarSettings {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const where = `${path}/case.json`;
  throw new CheckpointError({ where, expected: "the sizes of a MAR", got: problems.join("; ") });
}
