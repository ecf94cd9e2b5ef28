/** An official model as a model folder, or its tokenizer alone as a tokenizer's. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { modelCard } from "../checkpoints/model-card.ts";
import { type Json, MODEL_FORMAT, type ModelConfig } from "../checkpoints/model-config.ts";
import { writeModelFolder } from "../checkpoints/model-folder.ts";
import type { Storage } from "../checkpoints/storage.ts";
import type { TensorSource } from "../checkpoints/tensor-file.ts";
import { tokenizerSystem } from "../recipes/tokenizer-folder.ts";
import { TOKENIZER_PREFIX } from "../systems/model-parameters.ts";
import type { OfficialModel } from "./open-parts.ts";
import type { MatchedModel, ModelFiles, SaidSizes } from "./release.ts";

export interface ConvertOptions {
  readonly folder: string;
  readonly storage: Storage;
  readonly said: SaidSizes;
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
 * @throws CheckpointError as `Release.match` does, or if the folder cannot be written.
 */
export async function convertModel(
  { release, files }: Pick<OfficialModel, "release" | "files">,
  options: ConvertOptions,
): Promise<Converted> {
  const matched = await release.match(files, options.said);
  const { sources, parameters, preset } = matched;
  const passes = options.storage === "float16" ? 2 : 1;
  const total = sources.reduce((sum, { entries }, i) => sum + entries.length * (i ? passes : 1), 0);
  const [tokenizer, transformer] = sources.map(watcher(total, options.onRead));
  const weights = unprefixed(tokenizer!);
  const config = await modelConfig(matched, files);
  await writeModelFolder(options.folder, {
    config,
    ...(transformer
      ? { weights: transformer, tokenizer: weights, storage: options.storage }
      : { weights }),
    tokenizerStorage: "float32",
    card: cardOf(basename(options.folder), config, matched),
  });
  return { system: config.system, parameters, ...(preset && { preset }) };
}

/** Sources that report every tensor they read to one counter. */
function watcher(
  total: number,
  onRead: ConvertOptions["onRead"],
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
  { system, alone, preset, parts, tokenizer }: MatchedModel,
  files: ModelFiles,
): Promise<ModelConfig> {
  const from: Json[] = [];
  for (const part of [files.transformer, files.tokenizer]) {
    if (!part) continue;
    const { path } = part.file;
    const bytes = (await stat(path)).size;
    from.push({ file: basename(path), bytes, ...(part.key && { key: part.key }) });
  }
  return {
    format: MODEL_FORMAT,
    system: alone ? tokenizerSystem(tokenizer) : system,
    ...(preset && { preset }),
    parts: JSON.parse(JSON.stringify(parts)) as Record<string, Json>,
    convertedFrom: from,
  };
}

function cardOf(
  name: string,
  config: ModelConfig,
  { alone, accepts, parameters }: MatchedModel,
): string {
  const from = (config.convertedFrom as { file: string }[]).map(({ file }) => `\`${file}\``);
  const ofFeatures = accepts === "features";
  const draws = ofFeatures
    ? "Draws pictures from the features of a text encoder."
    : "Draws pictures of a class.";
  return modelCard({
    name,
    summary:
      `Converted by \`ordo convert\` from ${from.join(" and ")}. ` +
      `${alone ? "Turns pictures into tokens and back." : draws}`,
    config,
    // whoever made the files decides
    license: "other",
    pipelineTag: alone
      ? "image-to-image"
      : ofFeatures
        ? "text-to-image"
        : "unconditional-image-generation",
    parameters,
    usage: [
      alone || ofFeatures
        ? `npx ordo reconstruct picture.png -m ${name}`
        : `npx ordo generate --class 0 -m ${name}`,
    ],
    ...(ofFeatures && {
      limits: ["Ordo has no text encoder: features come from elsewhere, through the library."],
    }),
  });
}
