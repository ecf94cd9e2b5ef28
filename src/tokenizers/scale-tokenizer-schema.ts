/** The sizes of a multi-scale tokenizer as files write them. */
import { z } from "zod";
import { autoencoderFields, count } from "./autoencoder-schema.ts";
import type { ScaleTokenizerOptions } from "./scale-tokenizer.ts";

const side = z.object({ height: count, width: count });

export const scaleTokenizerSchema: z.ZodType<ScaleTokenizerOptions> = z.object({
  kind: z.literal("multi-scale-residual-vq").exactOptional(),
  ...autoencoderFields,
  codebookSize: count,
  phiSharing: z.int().nonnegative(),
  // squares may be written as their sides
  scales: z.array(z.union([side, count.transform((p) => ({ height: p, width: p }))])).min(1),
});
