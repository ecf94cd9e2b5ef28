/** The sizes of a VAR: what `config.json` of a model folder holds under `parts`. */
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { requireSchedule } from "../orders/scale-schedule.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import { scaleTokenizerSchema } from "../tokenizers/scale-tokenizer-schema.ts";

export interface VarConfig {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  /** One map from the condition for all blocks, with an offset per block, instead of one each. */
  readonly sharedModulation: boolean;
  /** `l2`: unit queries and keys with a learned scale per head; `none`: softmax scale 0.25 / √D. */
  readonly queryKeyNorm: "l2" | "none";
  /** Factor on the first values of the blocks' gains (`alng`); matters for training only. */
  readonly gainInit: number;
  readonly conditioning: VarConditioning;
  readonly tokenizer: ScaleTokenizerOptions;
}

export type VarConditioning =
  /** Labels without the null class, which has the number after the last. */
  | { readonly kind: "classes"; readonly classes: number }
  /** Free text over the vocabulary that lies beside the model. */
  | { readonly kind: "words"; readonly maxWords: number };

const count = z.int().positive();

const schema: z.ZodType<VarConfig> = z.object({
  depth: count.max(200),
  width: count.max(65_536),
  heads: count,
  sharedModulation: z.boolean(),
  queryKeyNorm: z.enum(["l2", "none"]),
  gainInit: z.number().positive(),
  conditioning: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("classes"), classes: count }),
    z.object({ kind: z.literal("words"), maxWords: count }),
  ]),
  tokenizer: scaleTokenizerSchema,
});

/** Reads the sizes from `config.json`. @throws ConfigError naming every field that does not fit. */
export function parseVarConfig(parts: unknown, where: string): VarConfig {
  const result = schema.safeParse(parts);
  if (!result.success) {
    const got = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ConfigError({ where, expected: "the sizes of a VAR", got: got.join("; ") });
  }
  requireSchedule(result.data.tokenizer.scales, { where: `${where}: scales` });
  return result.data;
}
