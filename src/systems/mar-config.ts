/** The sizes of a MAR: what `config.json` of a model folder holds under `parts`. */
import { z } from "zod";
import type { PlaceMapSizes } from "../conditioning/place-map.ts";
import type { DiffusionHeadOptions } from "../decoding/masked-step.ts";
import { ConfigError } from "../errors.ts";
import type { Stack } from "../predictors/masked-encoder-decoder.ts";
import { type KlAutoencoderOptions, tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { klAutoencoderSchema } from "../tokenizers/kl-autoencoder-schema.ts";

export interface MarConfig {
  readonly width: number;
  readonly encoder: Stack;
  readonly decoder: Stack;
  /** Slots of the encoder that hold the condition (`buffer_size`). */
  readonly classSlots: number;
  /** Of the map from the condition to each slot of the decoder; the paper has none. */
  readonly placeMap?: PlaceMapSizes | undefined;
  /** The per-token denoiser. */
  readonly head: Pick<DiffusionHeadOptions, "width" | "depth" | "clip">;
  /** Steps in which the tokens of a picture are predicted, unless told otherwise. */
  readonly steps: number;
  /** Steps in which one of them is drawn. */
  readonly diffusionSteps: number;
  readonly conditioning: MarConditioning;
  readonly tokenizer: KlAutoencoderOptions;
}

export type MarConditioning =
  | { readonly kind: "classes"; readonly classes: number }
  /** Free text over the vocabulary that lies beside the model. */
  | { readonly kind: "words"; readonly maxWords: number };

const count = z.int().positive();
const stack = z.object({ depth: count.max(200), heads: count });

const schema: z.ZodType<MarConfig> = z.object({
  width: count.max(65_536),
  encoder: stack,
  decoder: stack,
  classSlots: count,
  placeMap: z.object({ features: count.max(65_536), rank: count.max(65_536) }).optional(),
  head: z.object({
    width: count.max(65_536),
    depth: count.max(200),
    clip: z.number().positive().optional(),
  }),
  steps: count,
  diffusionSteps: count.max(1000),
  conditioning: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("classes"), classes: count }),
    z.object({ kind: z.literal("words"), maxWords: count }),
  ]),
  tokenizer: klAutoencoderSchema,
});

/** Reads the sizes from `config.json`. @throws ConfigError naming every field that does not fit. */
export function parseMarConfig(parts: unknown, where: string): MarConfig {
  const result = schema.safeParse(parts);
  const problems = result.success
    ? misfits(result.data)
    : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError({ where, expected: "the sizes of a MAR", got: problems.join("; ") });
}

function misfits({ steps, tokenizer }: MarConfig): string[] {
  const { count } = tokenSizes(tokenizer);
  return steps > count ? [`steps: ${steps} are more than the ${count} tokens`] : [];
}
