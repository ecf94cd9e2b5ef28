/** The sizes of a KL autoencoder as files write them. */
import { z } from "zod";
import { type KlAutoencoderOptions, tokenSizes } from "./kl-autoencoder.ts";

const count = z.int().positive();

export const klAutoencoderSchema: z.ZodType<KlAutoencoderOptions> = z
  .object({
    kind: z.literal("kl"),
    channels: count,
    multipliers: z.array(count).min(1),
    encoderBlocks: count,
    decoderBlocks: count,
    latentChannels: count,
    groups: count,
    patchSize: count,
    attention: z.boolean(),
    separateAttention: z.boolean().exactOptional(),
    height: count,
    width: count,
    cellsPerToken: count,
    latentScale: z.number().positive(),
  })
  .refine((sizes) => Object.values(tokenSizes(sizes).grid).every(Number.isInteger), {
    error: "tokens do not fill the latent",
  });
