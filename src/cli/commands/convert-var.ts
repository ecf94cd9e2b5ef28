/** An official VAR as a model folder, or its tokenizer alone as a tokenizer's. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { ExpectedParameter } from "../../checkpoints/match-parameters.ts";
import { modelCard } from "../../checkpoints/model-card.ts";
import { type Json, MODEL_FORMAT, type ModelConfig } from "../../checkpoints/model-config.ts";
import { writeModelFolder } from "../../checkpoints/model-folder.ts";
import { officialSources } from "../../checkpoints/official-source.ts";
import { officialVarNames } from "../../checkpoints/official-var.ts";
import {
  type OfficialTransformerSizes,
  officialTokenizerSizes,
  officialTransformerSizes,
} from "../../checkpoints/official-var-sizes.ts";
import type { Storage } from "../../checkpoints/storage.ts";
import type { TensorFile, TensorSource } from "../../checkpoints/tensor-file.ts";
import { CheckpointError } from "../../errors.ts";
import { countParameters, type ParameterSpecs } from "../../nn/layer.ts";
import { scaleSchedules, tokenCount } from "../../orders/scale-schedule.ts";
import { officialVarConfig } from "../../parity/official-var-config.ts";
import { TOKENIZER_SYSTEM } from "../../recipes/tokenizer-folder.ts";
import { modelParameters, TOKENIZER_PREFIX } from "../../systems/model-parameters.ts";
import { varSystem } from "../../systems/var.ts";
import type { VarConfig } from "../../systems/var-config.ts";
import type { VarParts } from "./convert-parts.ts";

export interface ConvertVarOptions {
  readonly folder: string;
  readonly storage: Storage;
  /** Sides of the token maps, where the files do not tell them. */
  readonly scales?: readonly number[] | undefined;
  /** Called before each tensor is read, with how many are done; may throw to stop. */
  readonly onRead?: (done: number, total: number) => void;
}

export interface Converted {
  readonly system: string;
  readonly preset?: string;
  readonly parameters: number;
}

/**
 * Copies the tensors one by one; memory holds one of them at a time. The tokenizer stays float32:
 * with fewer bits, other codes would be the nearest ones.
 *
 * @throws CheckpointError as `matchVar` does, or if the folder cannot be written.
 */
export async function convertVar(parts: VarParts, options: ConvertVarOptions): Promise<Converted> {
  const { config, preset, parameters, sources } = await matchVar(parts, options.scales);
  const passes = options.storage === "float16" ? 2 : 1;
  const total = sources.reduce((sum, { entries }, i) => sum + entries.length * (i ? passes : 1), 0);
  const [tokenizer, transformer] = sources.map(watcher(total, options.onRead));
  const weights = unprefixed(tokenizer!);
  const model = await modelConfig(parts, config, preset);
  await writeModelFolder(options.folder, {
    config: model,
    ...(transformer
      ? { weights: transformer, tokenizer: weights, storage: options.storage }
      : { weights }),
    tokenizerStorage: "float32",
    card: cardOf(basename(options.folder), model, parameters),
  });
  return { system: model.system, parameters, ...(preset && { preset }) };
}

export interface MatchedVar {
  readonly config: VarConfig;
  readonly preset: string | undefined;
  readonly parameters: number;
  /** Under our names: the tokenizer, and the transformer if there is one. */
  readonly sources: readonly TensorSource[];
}

/**
 * Tells the sizes from the files and holds every key against them; reads no weights.
 *
 * @throws CheckpointError listing every missing, wrong and surplus key of both files.
 */
export async function matchVar(
  { transformer, tokenizer }: VarParts,
  scales?: readonly number[],
): Promise<MatchedVar> {
  if (!tokenizer) {
    throw new CheckpointError({
      where: transformer?.file.path ?? "convert",
      expected: "a tokenizer beside the transformer",
      got: "none",
      hint: "Name its file too, such as vae_ch160v4096z32.pth",
    });
  }
  const sizes = transformer && (await officialTransformerSizes(transformer.file));
  const config = configOf(tokenizer.file, sizes, scales);
  const specs = modelParameters(varSystem.compose(config, {}));
  const tokenizerPart = {
    file: tokenizer.file,
    prefix: "vqvae.",
    expected: expectedOf(specs.tokenizer),
  };
  const expected = expectedOf(specs.transformer);
  const sources = officialSources(
    transformer
      ? [tokenizerPart, { file: transformer.file, prefix: "var.", expected }]
      : [tokenizerPart],
    officialVarNames,
  );
  const parameters =
    countParameters(specs.tokenizer) + (transformer ? countParameters(specs.transformer) : 0);
  return { config, preset: transformer && presetOf(config), parameters, sources };
}

function configOf(
  tokenizer: TensorFile,
  sizes: OfficialTransformerSizes | undefined,
  scales: readonly number[] | undefined,
): VarConfig {
  const patch_nums = scales ?? sizes?.patch_nums ?? publishedSides(sizes);
  // for a tokenizer alone the transformer's sizes stand for nothing
  const none = { depth: 1, heads: 1, width: 64, num_classes: 1 };
  const config = officialVarConfig({
    tokenizer: { ...officialTokenizerSizes(tokenizer), patch_nums },
    transformer: sizes ?? { ...none, shared_adaln: false, attn_l2_norm: true },
  });
  return varSystem.parse(config, tokenizer.path);
}

function publishedSides(sizes: OfficialTransformerSizes | undefined): readonly number[] {
  const all = Object.values(scaleSchedules);
  const fits = sizes
    ? all.find((one) => one.length === sizes.maps && tokenCount(one) === sizes.tokens)
    : scaleSchedules["256"];
  if (fits) return fits.map(({ height }) => height);
  throw new CheckpointError({
    where: "the transformer",
    expected: "a published schedule of token maps",
    got: `${sizes!.maps} maps with ${sizes!.tokens} tokens together`,
    hint: "Give their sides: --scales 1,2,3,4",
  });
}

/** The published model of these sizes; what matters for training only may differ. */
function presetOf(config: VarConfig): string | undefined {
  const text = (one: VarConfig) => JSON.stringify({ ...one, gainInit: 0 });
  return Object.entries(varSystem.presets).find(([, one]) => text(one) === text(config))?.[0];
}

function expectedOf(specs: ParameterSpecs): ExpectedParameter[] {
  return [...specs].map(([name, { shape }]) => ({ name, shape }));
}

/** Sources that report every tensor they read to one counter. */
function watcher(
  total: number,
  onRead: ConvertVarOptions["onRead"],
): (source: TensorSource) => TensorSource {
  let done = 0;
  return ({ entries, read }) => ({
    entries,
    read: (name) => {
      onRead?.(done++, total);
      return read(name);
    },
  });
}

/** A tokenizer's own file leaves out the prefix that its parameters have inside a model. */
function unprefixed({ entries, read }: TensorSource): TensorSource {
  return {
    entries: entries.map(({ name, ...entry }) => ({
      ...entry,
      name: name.slice(TOKENIZER_PREFIX.length),
    })),
    read: (name) => read(TOKENIZER_PREFIX + name),
  };
}

async function modelConfig(
  parts: VarParts,
  config: VarConfig,
  preset: string | undefined,
): Promise<ModelConfig> {
  const files: Json[] = [];
  for (const part of [parts.transformer, parts.tokenizer]) {
    if (!part) continue;
    const { path } = part.file;
    const bytes = (await stat(path)).size;
    files.push({ file: basename(path), bytes, ...(part.key && { key: part.key }) });
  }
  const sizes = parts.transformer ? config : config.tokenizer;
  return {
    format: MODEL_FORMAT,
    system: parts.transformer ? varSystem.name : TOKENIZER_SYSTEM,
    ...(preset && { preset }),
    parts: JSON.parse(JSON.stringify(sizes)) as Record<string, Json>,
    convertedFrom: files,
  };
}

function cardOf(name: string, config: ModelConfig, parameters: number): string {
  const alone = config.system === TOKENIZER_SYSTEM;
  const from = (config.convertedFrom as { file: string }[]).map(({ file }) => `\`${file}\``);
  return modelCard({
    name,
    summary:
      `Converted by \`ordo convert\` from ${from.join(" and ")}. ` +
      `${alone ? "Turns pictures into tokens and back." : "Draws pictures of a class."}`,
    config,
    // whoever made the files decides
    license: "other",
    pipelineTag: alone ? "image-to-image" : "unconditional-image-generation",
    parameters,
    usage: [
      alone
        ? `npx ordo reconstruct picture.png -m ${name}`
        : `npx ordo generate --class 0 -m ${name}`,
    ],
  });
}
