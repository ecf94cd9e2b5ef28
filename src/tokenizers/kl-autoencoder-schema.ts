/** The sizes of a KL autoencoder as files write them. */
import { z } from "zod";
import { autoencoderFields, count } from "./autoencoder-schema.ts";
import { type KlAutoencoderOptions, tokenSizes } from "./kl-autoencoder.ts";

export const klAutoencoderSchema: z.ZodType<KlAutoencoderOptions> = z
  .object({
    kind: z.literal("kl"),
    ...autoencoderFields,
    separateAttention: z.boolean().exactOptional(),
    height: count,
    width: count,
    cellsPerToken: count,
    latentScale: z.number().positive(),
  })
  .refine((sizes) => Object.values(tokenSizes(sizes).grid).every(Number.isInteger), {
    error: "tokens do not fill the latent",
  });
