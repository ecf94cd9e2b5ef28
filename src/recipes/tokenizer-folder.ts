/** Tokenizers at rest: in a folder of their own, or inside the folder of a model. */
import { join } from "node:path";
import { matchParameters } from "../checkpoints/match-parameters.ts";
import { readModelFolder } from "../checkpoints/model-folder.ts";
import { resolveModel } from "../checkpoints/resolve-model.ts";
import { float32Tensor, type TensorData, type TensorMap } from "../checkpoints/tensor-data.ts";
import { ConfigError } from "../errors.ts";
import type { ParameterSpecs } from "../nn/layer.ts";
import { TOKENIZER_PREFIX, tokenizerSpecs } from "../systems/model-parameters.ts";
import type { TokenizerOptions } from "../tokenizers/tokenizer.ts";
import { tokenizerSchema } from "../tokenizers/tokenizer-schema.ts";

/** By the tokenizer's kind. */
const SYSTEMS = {
  "multi-scale-residual-vq": "scale-tokenizer",
  vq: "vq-tokenizer",
  kl: "kl-tokenizer",
} as const;

/** `system` of a folder that holds only this tokenizer. */
export function tokenizerSystem({ kind = "multi-scale-residual-vq" }: TokenizerOptions): string {
  return SYSTEMS[kind];
}

export interface LoadedTokenizer {
  readonly options: TokenizerOptions;
  /** Paths begin with `tokenizer.`. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** The same as tensors without that prefix, as files hold them. */
  readonly stored: TensorMap;
  /** What it was trained on and with which results. */
  readonly training: Readonly<Record<string, unknown>>;
}

/**
 * Reads the tokenizer of a tokenizer's or a model's folder, or of a shipped model.
 *
 * @throws ConfigError if its sizes do not fit; CheckpointError if its weights do not.
 */
export async function readTokenizer(nameOrPath: string): Promise<LoadedTokenizer> {
  const folder = await readModelFolder(await resolveModel(nameOrPath));
  const alone = Object.values<string>(SYSTEMS).includes(folder.config.system);
  const sizes = alone ? folder.config.parts : folder.config.parts.tokenizer;
  const parsed = tokenizerSchema.safeParse(sizes);
  const where = join(folder.path, "config.json");
  if (!parsed.success) {
    const got = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ConfigError({ where, expected: "the sizes of a tokenizer", got: got.join("; ") });
  }
  const stored = alone ? await folder.readWeights() : await folder.readTokenizer();
  const specs = tokenizerSpecs(parsed.data);
  const expected = [...specs].map(([name, { shape }]) => ({ name, shape }));
  const prefixed = new Map(
    [...(stored ?? [])].map(([name, tensor]) => [TOKENIZER_PREFIX + name, tensor]),
  );
  return {
    options: parsed.data,
    parameters: matchParameters(expected, prefixed, { where: folder.path }),
    stored: stored ?? new Map<string, TensorData>(),
    training: folder.config.training ?? {},
  };
}

/** Parameters as tensors of a file; `prefix` is cut off their names. */
export function tensorsOf(
  specs: ParameterSpecs,
  parameters: ReadonlyMap<string, Float32Array>,
  prefix = "",
): TensorMap {
  return new Map(
    [...parameters].map(([path, data]) => [
      path.slice(prefix.length),
      float32Tensor(specs.get(path)!.shape, data),
    ]),
  );
}
