/** From a model folder or a shipped name to a model that draws. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../checkpoints/file-hash.ts";
import { type ModelFolder, readModelFolder } from "../checkpoints/model-folder.ts";
import { placeParameters } from "../checkpoints/place-parameters.ts";
import { resolveModel } from "../checkpoints/resolve-model.ts";
import type { TensorFile } from "../checkpoints/tensor-file.ts";
import { type Vocabulary, vocabularyFrom, vocabularySchema } from "../conditioning/vocabulary.ts";
import { CheckpointError } from "../errors.ts";
import type { Floats } from "../floats.ts";
import { withScale } from "../guidance/schedule.ts";
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { ordoVersion } from "../version.ts";
import { systemNamed } from "./index.ts";
import { Model, type ModelOptions, type SamplingSettings } from "./model.ts";
import { modelParameters, TOKENIZER_PREFIX } from "./model-parameters.ts";
import type { Composition, Resources } from "./system.ts";
import { matrixFormat, packWeights, type WeightFormat } from "./weight-format.ts";

export { TOKENIZER_PREFIX } from "./model-parameters.ts";

/** Where the vocabulary of a model on words lies in its folder. */
export const VOCABULARY_FILE = "vocabulary.json";
/** Where the names of a class model's classes lie, if they have any. */
export const CLASSES_FILE = "classes.json";

export interface LoadOptions extends ModelOptions {
  /** Number format of the transformer's matrices while the model computes. Default fp32. */
  readonly weights?: WeightFormat;
}

/**
 * Loads a model.
 *
 * @param nameOrPath a folder, or the name of a model that ships with Ordo.
 * @throws ConfigError if there is no such model; CheckpointError if its files do not fit together, or
 * hold numbers that the format of the weights does not.
 */
export async function load(
  nameOrPath: string,
  device: Device,
  { weights = "fp32", ...options }: LoadOptions = {},
): Promise<Model> {
  const folder = await readModelFolder(await resolveModel(nameOrPath));
  const hashing = weightHash(join(folder.path, "model.safetensors"));
  const { composition, title } = await composeFolder(folder);
  const specs = modelParameters(composition);
  const transformer = await place(specs.transformer, await folder.openWeights(), folder, "model");
  const tokenizerFile = await folder.openTokenizer();
  if (!tokenizerFile) {
    throw new CheckpointError({
      where: join(folder.path, "tokenizer.safetensors"),
      expected: "the tokenizer's weights",
      got: "no such file",
    });
  }
  const tokenizer = await place(specs.tokenizer, tokenizerFile, folder, "tokenizer");
  const classNames = await classNamesOf(folder, composition);
  const facts = {
    name: folder.name,
    system: folder.config.system,
    title,
    parameters: countParameters(specs.transformer) + countParameters(specs.tokenizer),
    weightHash: hashing,
    weights,
    ordoVersion: await ordoVersion(),
    ...(classNames && { classNames }),
  };
  const parameters = new Map([...tokenizer, ...transformer]);
  const format = matrixFormat(weights, device.name);
  const packed = await packWeights(specs.transformer, parameters, format);
  const settings = settingsOf(folder, composition);
  return new Model(device, facts, composition, packed, settings, options);
}

/** The composition that a folder's configuration describes. */
export async function composeFolder(
  folder: ModelFolder,
): Promise<{ composition: Composition; title: string }> {
  const where = join(folder.path, "config.json");
  const system = systemNamed(folder.config.system, where);
  const config = system.parse(folder.config.parts, where);
  return { composition: system.compose(config, await resourcesOf(folder)), title: system.title };
}

async function resourcesOf(folder: ModelFolder): Promise<Resources> {
  const vocabulary = await vocabularyOf(folder);
  return vocabulary ? { vocabulary } : {};
}

async function vocabularyOf(folder: ModelFolder): Promise<Vocabulary | null> {
  const { conditioning } = folder.config.parts as { conditioning?: { kind?: unknown } };
  if (conditioning?.kind !== "words") return null;
  return vocabularyFrom(await folder.readJson(VOCABULARY_FILE, vocabularySchema));
}

async function classNamesOf(
  folder: ModelFolder,
  { conditioning }: Composition,
): Promise<readonly string[] | null> {
  const { accepts } = conditioning;
  const file = join(folder.path, CLASSES_FILE);
  if (accepts.kind !== "classes" || !existsSync(file)) return null;
  const names = await folder.readJson(CLASSES_FILE, z.array(z.string()));
  if (names.length === accepts.count) return names;
  throw new CheckpointError({
    where: file,
    expected: `a name for each of ${accepts.count} classes`,
    got: `${names.length} names`,
  });
}

function place(
  specs: ParameterSpecs,
  file: TensorFile,
  folder: ModelFolder,
  stem: "model" | "tokenizer",
): Promise<Map<string, Floats>> {
  const expected = [...specs].map(([name, { shape }]) => ({ name, shape }));
  const where = join(folder.path, `${stem}.safetensors`);
  const prefix = stem === "tokenizer" ? TOKENIZER_PREFIX : "";
  return placeParameters(expected, file, { where, prefix }).finally(() => file.close());
}

function settingsOf({ config }: ModelFolder, composition: Composition): SamplingSettings {
  const { guidance, decoding } = composition;
  const { sampling = {} } = config;
  return {
    guidance: sampling.guidance === undefined ? guidance : withScale(guidance, sampling.guidance),
    topK: sampling.topK ?? decoding.topK,
    topP: sampling.topP ?? decoding.topP,
    temperature: sampling.temperature ?? decoding.temperature,
  };
}

/** Goes on while the model is compiled, which leaves a core idle. */
async function weightHash(path: string): Promise<string> {
  const hash = await fileHash(path);
  return hash === null ? "sharded" : `sha256:${hash}`;
}
