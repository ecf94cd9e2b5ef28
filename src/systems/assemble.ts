/** From a model's files, wherever they lie, to a model that draws. */
import { z } from "zod";
import type { ModelFiles } from "../checkpoints/model-files.ts";
import { placeParameters } from "../checkpoints/place-parameters.ts";
import type { TensorFile } from "../checkpoints/tensor-file.ts";
import { type Vocabulary, vocabularyFrom, vocabularySchema } from "../conditioning/vocabulary.ts";
import type { SamplerOptions } from "../decoding/picture-sampler.ts";
import { CheckpointError } from "../errors.ts";
import type { Floats } from "../floats.ts";
import { withScale } from "../guidance/schedule.ts";
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { systemNamed } from "./index.ts";
import { Model, type ModelFacts, type SamplingSettings } from "./model.ts";
import { modelParameters, TOKENIZER_PREFIX } from "./model-parameters.ts";
import type { Composition, Resources } from "./system.ts";
import type { Weights } from "./weight-format.ts";

/** Where the vocabulary of a model on words lies. */
export const VOCABULARY_FILE = "vocabulary.json";
/** Where the names of a class model's classes lie, if they have any. */
export const CLASSES_FILE = "classes.json";

/** What the files do not say of a model. */
export interface Assembly extends Pick<ModelFacts, "weightHash" | "weights" | "ordoVersion"> {
  /** Brings the weights into the format they are computed with. */
  readonly pack: (
    transformer: ParameterSpecs,
    parameters: ReadonlyMap<string, Floats>,
  ) => Promise<Weights>;
}

/** @throws CheckpointError if the files do not fit together. */
export async function assembleModel(
  files: ModelFiles,
  device: Device,
  { pack, ...facts }: Assembly,
  options: SamplerOptions = {},
): Promise<Model> {
  const { composition, title } = await composeFiles(files);
  const specs = modelParameters(composition);
  const transformer = await place(specs.transformer, await files.openWeights(), files, "model");
  const tokenizerFile = await files.openTokenizer();
  if (!tokenizerFile) {
    throw new CheckpointError({
      where: files.where("tokenizer.safetensors"),
      expected: "the tokenizer's weights",
      got: "no such file",
    });
  }
  const tokenizer = await place(specs.tokenizer, tokenizerFile, files, "tokenizer");
  const classNames = await classNamesOf(files, composition);
  const packed = await pack(specs.transformer, new Map([...tokenizer, ...transformer]));
  const settings = settingsOf(files, composition);
  const about = {
    name: files.name,
    system: files.config.system,
    title,
    parameters: countParameters(specs.transformer) + countParameters(specs.tokenizer),
    ...facts,
    ...(classNames && { classNames }),
  };
  return new Model(device, about, composition, packed, settings, options);
}

/** The composition that a model's configuration describes. */
export async function composeFiles(
  files: ModelFiles,
): Promise<{ composition: Composition; title: string }> {
  const where = files.where("config.json");
  const system = systemNamed(files.config.system, where);
  const config = system.parse(files.config.parts, where);
  return { composition: system.compose(config, await resourcesOf(files)), title: system.title };
}

async function resourcesOf(files: ModelFiles): Promise<Resources> {
  const vocabulary = await vocabularyOf(files);
  return vocabulary ? { vocabulary } : {};
}

async function vocabularyOf(files: ModelFiles): Promise<Vocabulary | null> {
  const { conditioning } = files.config.parts as { conditioning?: { kind?: unknown } };
  if (conditioning?.kind !== "words") return null;
  return vocabularyFrom(await files.readJson(VOCABULARY_FILE, vocabularySchema));
}

async function classNamesOf(
  files: ModelFiles,
  { conditioning }: Composition,
): Promise<readonly string[] | null> {
  const { accepts } = conditioning;
  if (accepts.kind !== "classes") return null;
  const names = await files.findJson(CLASSES_FILE, z.array(z.string()));
  if (names === null || names.length === accepts.count) return names;
  throw new CheckpointError({
    where: files.where(CLASSES_FILE),
    expected: `a name for each of ${accepts.count} classes`,
    got: `${names.length} names`,
  });
}

function place(
  specs: ParameterSpecs,
  file: TensorFile,
  files: ModelFiles,
  stem: "model" | "tokenizer",
): Promise<Map<string, Floats>> {
  const expected = [...specs].map(([name, { shape }]) => ({ name, shape }));
  const where = files.where(`${stem}.safetensors`);
  const prefix = stem === "tokenizer" ? TOKENIZER_PREFIX : "";
  return placeParameters(expected, file, { where, prefix }).finally(() => file.close());
}

function settingsOf({ config }: ModelFiles, composition: Composition): SamplingSettings {
  const { guidance, decoding } = composition;
  const { sampling = {} } = config;
  return {
    guidance: sampling.guidance === undefined ? guidance : withScale(guidance, sampling.guidance),
    topK: sampling.topK ?? decoding.topK,
    topP: sampling.topP ?? decoding.topP,
    temperature: sampling.temperature ?? decoding.temperature,
  };
}
