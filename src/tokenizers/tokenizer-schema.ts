/** The sizes of a tokenizer of any kind as files write them. */
import { z } from "zod";
import { autoencoderFields, count } from "./autoencoder-schema.ts";
import { klAutoencoderSchema } from "./kl-autoencoder-schema.ts";
import { scaleTokenizerSchema } from "./scale-tokenizer-schema.ts";
import type { TokenizerOptions } from "./tokenizer.ts";
import type { VqTokenizerOptions } from "./vq-tokenizer.ts";

export const vqTokenizerSchema: z.ZodType<VqTokenizerOptions> = z.object({
  kind: z.literal("vq"),
  ...autoencoderFields,
  codebookSize: count,
  codeChannels: count,
  grid: z.object({ height: count, width: count }),
});

/** Told apart by their kind; sizes that do not say one are those of a multi-scale tokenizer. */
export const tokenizerSchema: z.ZodType<TokenizerOptions> = z.discriminatedUnion(
  "kind",
  // their own types hide from the union that they are objects
  [vqTokenizerSchema, klAutoencoderSchema, scaleTokenizerSchema] as unknown as z.ZodObject[] &
    [z.ZodObject],
  { error: 'expected "vq", "kl", "multi-scale-residual-vq" or nothing' },
) as unknown as z.ZodType<TokenizerOptions>;
