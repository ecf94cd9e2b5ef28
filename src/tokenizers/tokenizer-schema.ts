/** The sizes of a tokenizer of any kind as files write them. */
import { z } from "zod";
import { scaleTokenizerSchema } from "./scale-tokenizer-schema.ts";
import type { TokenizerOptions } from "./tokenizer.ts";
import type { VqTokenizerOptions } from "./vq-tokenizer.ts";

const count = z.int().positive();

export const vqTokenizerSchema: z.ZodType<VqTokenizerOptions> = z.object({
  kind: z.literal("vq"),
  channels: count,
  multipliers: z.array(count).min(1),
  encoderBlocks: count,
  decoderBlocks: count,
  latentChannels: count,
  groups: count,
  patchSize: count,
  attention: z.boolean(),
  codebookSize: count,
  codeChannels: count,
  grid: z.object({ height: count, width: count }),
});

/** The schema for sizes of the kind that they say they are. */
export function tokenizerSchemaFor(sizes: unknown): z.ZodType<TokenizerOptions> {
  const kind = (sizes as { readonly kind?: unknown } | null | undefined)?.kind;
  return kind === "vq" ? vqTokenizerSchema : scaleTokenizerSchema;
}
