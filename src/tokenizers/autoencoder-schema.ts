/** The sizes of the convolutional autoencoder, which all tokenizers have, as files write them. */
import { z } from "zod";

export const count: z.ZodType<number> = z.int().positive();

export const autoencoderFields: {
  readonly [Name in
    | "channels"
    | "encoderBlocks"
    | "decoderBlocks"
    | "latentChannels"
    | "groups"
    | "patchSize"]: z.ZodType<number>;
} & { readonly multipliers: z.ZodType<number[]>; readonly attention: z.ZodBoolean } = {
  channels: count,
  multipliers: z.array(count).min(1),
  encoderBlocks: count,
  decoderBlocks: count,
  latentChannels: count,
  groups: count,
  patchSize: count,
  attention: z.boolean(),
};
