/** The sizes of a VAR: what `config.json` of a model folder holds under `parts`. */
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { requireSchedule, type ScaleSchedule, squareScales } from "../orders/scale-schedule.ts";

export interface VarConfig {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  readonly scales: ScaleSchedule;
  readonly codebookSize: number;
  readonly latentChannels: number;
  /** One map from the condition for all blocks, with an offset per block, instead of one each. */
  readonly sharedModulation: boolean;
  /** `l2`: unit queries and keys with a learned scale per head; `none`: softmax scale 0.25 / √D. */
  readonly queryKeyNorm: "l2" | "none";
  /** Factor on the first values of the blocks' gains (`alng`); matters for training only. */
  readonly gainInit: number;
  readonly conditioning: VarConditioning;
  readonly tokenizer: VarTokenizerConfig;
}

export type VarConditioning =
  /** Labels without the null class, which has the number after the last. */
  | { readonly kind: "classes"; readonly classes: number }
  /** Free text over the vocabulary that lies beside the model. */
  | { readonly kind: "words"; readonly maxWords: number };

export interface VarTokenizerConfig {
  /** Channels of the finest level; `multipliers` multiply them per level, fine to coarse. */
  readonly channels: number;
  readonly multipliers: readonly number[];
  /** Residual blocks per level. */
  readonly encoderBlocks: number;
  readonly decoderBlocks: number;
  /** Groups of the group normalisations. */
  readonly groups: number;
  /** Pixels per side that are folded into channels first; 1 in the released models. */
  readonly patchSize: number;
  /** Attention at the coarsest level. */
  readonly attention: boolean;
  readonly phiSharing: number;
}

const count = z.int().positive();
const side = z.object({ height: count, width: count });

const schema: z.ZodType<VarConfig> = z.object({
  depth: count.max(200),
  width: count.max(65_536),
  heads: count,
  // squares may be written as their sides
  scales: z
    .array(z.union([side, count]))
    .min(1)
    .transform((scales) =>
      scales.flatMap((scale) => (typeof scale === "number" ? squareScales([scale]) : [scale])),
    ),
  codebookSize: count,
  latentChannels: count,
  sharedModulation: z.boolean(),
  queryKeyNorm: z.enum(["l2", "none"]),
  gainInit: z.number().positive(),
  conditioning: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("classes"), classes: count }),
    z.object({ kind: z.literal("words"), maxWords: count }),
  ]),
  tokenizer: z.object({
    channels: count,
    multipliers: z.array(count).min(1),
    encoderBlocks: count,
    decoderBlocks: count,
    groups: count,
    patchSize: count,
    attention: z.boolean(),
    phiSharing: z.int().nonnegative(),
  }),
});

/** Reads the sizes from `config.json`. @throws ConfigError naming every field that does not fit. */
export function parseVarConfig(parts: unknown, where: string): VarConfig {
  const result = schema.safeParse(parts);
  if (!result.success) {
    const got = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ConfigError({ where, expected: "the sizes of a VAR", got: got.join("; ") });
  }
  requireSchedule(result.data.scales, { where: `${where}: scales` });
  return result.data;
}
