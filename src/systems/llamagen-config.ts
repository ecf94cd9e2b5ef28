/** The sizes of a LlamaGen: what `config.json` of a model folder holds under `parts`. */
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { vqTokenizerSchema } from "../tokenizers/tokenizer-schema.ts";
import type { VqTokenizerOptions } from "../tokenizers/vq-tokenizer.ts";

export interface LlamaGenConfig {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  /** Hidden width of the MLPs. */
  readonly hidden: number;
  readonly conditioning: LlamaGenConditioning;
  readonly tokenizer: VqTokenizerOptions;
}

export type LlamaGenConditioning =
  /** Labels without the null class, which has the number after the last. */
  | { readonly kind: "classes"; readonly classes: number }
  /** Free text over the vocabulary that lies beside the model. */
  | { readonly kind: "words"; readonly maxWords: number }
  /** Features of a text encoder: so many rows of so many numbers. */
  | { readonly kind: "captions"; readonly length: number; readonly channels: number };

const count = z.int().positive();

const schema: z.ZodType<LlamaGenConfig> = z.object({
  depth: count.max(200),
  width: count.max(65_536),
  heads: count,
  hidden: count,
  conditioning: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("classes"), classes: count }),
    z.object({ kind: z.literal("words"), maxWords: count }),
    z.object({ kind: z.literal("captions"), length: count, channels: count }),
  ]),
  tokenizer: vqTokenizerSchema,
});

/** Reads the sizes from `config.json`. @throws ConfigError naming every field that does not fit. */
export function parseLlamaGenConfig(parts: unknown, where: string): LlamaGenConfig {
  const result = schema.safeParse(parts);
  if (result.success) return result.data;
  const got = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ConfigError({ where, expected: "the sizes of a LlamaGen", got: got.join("; ") });
}
