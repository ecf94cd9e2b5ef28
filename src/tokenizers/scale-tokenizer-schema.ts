/** The sizes of a multi-scale tokenizer as files write them. */
import { z } from "zod";
import type { ScaleTokenizerOptions } from "./scale-tokenizer.ts";

const count = z.int().positive();
const side = z.object({ height: count, width: count });

export const scaleTokenizerSchema: z.ZodType<ScaleTokenizerOptions> = z.object({
  kind: z.literal("multi-scale-residual-vq").exactOptional(),
  channels: count,
  multipliers: z.array(count).min(1),
  encoderBlocks: count,
  decoderBlocks: count,
  latentChannels: count,
  groups: count,
  patchSize: count,
  attention: z.boolean(),
  codebookSize: count,
  phiSharing: z.int().nonnegative(),
  // squares may be written as their sides
  scales: z.array(z.union([side, count.transform((p) => ({ height: p, width: p }))])).min(1),
});
