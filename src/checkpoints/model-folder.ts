/** Model folders: config.json, weights, whatever JSON the parts need, and a card. */

import { mkdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { CheckpointError } from "../errors.ts";
import { hubNameOf } from "../hub/cache-tree.ts";
import { readJson } from "./json-file.ts";
import { type Json, type ModelConfig, modelConfigSchema } from "./model-config.ts";
import type { ModelFiles } from "./model-files.ts";
import { safetensorsStream } from "./safetensors.ts";
import { openSafetensorsFolder } from "./safetensors-shards.ts";
import { type Storage, storedAs } from "./storage.ts";
import type { TensorMap } from "./tensor-data.ts";
import { sourceOf, type TensorSource } from "./tensor-file.ts";
import { writeAllWhole } from "./whole-file.ts";

/** A model folder whose weights are read when asked for. Every function throws CheckpointError. */
export interface ModelFolder extends ModelFiles {
  /** Absolute. */
  readonly path: string;
  /** Tensors of `model.safetensors` or its shards, in the dtypes of the file. */
  readWeights(): Promise<TensorMap>;
  /** Tensors of `tokenizer.safetensors`; null if the folder has none. */
  readTokenizer(): Promise<TensorMap | null>;
}

/** What a model folder is written from. */
export interface ModelContents {
  readonly config: ModelConfig;
  /** In memory, or in files from which they are copied one by one. */
  readonly weights: TensorMap | TensorSource;
  readonly tokenizer?: TensorMap | TensorSource;
  /** Further JSON files by name: `{ "vocabulary.json": … }`. */
  readonly json?: Readonly<Record<string, Json>>;
  /** The text of README.md; see `modelCard`. */
  readonly card?: string;
  /** float16 halves the files; tensors with values past ±65504 stay as they are. Default float32. */
  readonly storage?: Storage;
  /** The same for the tokenizer, if it is to differ. */
  readonly tokenizerStorage?: Storage;
}

const CONFIG = "config.json";

/** Reads the configuration of a model folder. @throws CheckpointError */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const path = resolve(folder);
  await refuseClassifier(path);
  const config = await readJson(join(path, CONFIG), modelConfigSchema, {
    hint: "A model is a folder with config.json and model.safetensors",
  });
  return {
    name: hubNameOf(path) ?? basename(path),
    path,
    config,
    where: (file) => join(path, file),
    readWeights: () => readAll(path, "model"),
    readTokenizer: async () => ((await hasTokenizer(path)) ? readAll(path, "tokenizer") : null),
    openWeights: () => openSafetensorsFolder(path, "model"),
    openTokenizer: async () =>
      (await hasTokenizer(path)) ? openSafetensorsFolder(path, "tokenizer") : null,
    readJson: (file, schema) => readJson(join(path, file), schema),
    findJson: async (file, schema) =>
      (await exists(join(path, file))) ? readJson(join(path, file), schema) : null,
  };
}

/** Networks that pictures are measured with lie in folders of the same form. */
async function refuseClassifier(path: string): Promise<void> {
  const where = join(path, CONFIG);
  const { kind } = await readJson(where, z.looseObject({ kind: z.unknown() })).catch(() => ({
    kind: undefined,
  }));
  if (kind !== "classifier") return;
  throw new CheckpointError({
    where,
    expected: "a model that draws",
    got: "a classifier, which only measures",
    hint: `Measure with it: ordo eval … --features ${basename(path)}`,
  });
}

/**
 * Writes a model folder, making it if need be. Files that are not named stay; if the disk is full,
 * all stay as they were.
 *
 * @throws CheckpointError naming the file that could not be written or the fields that do not fit.
 */
export async function writeModelFolder(folder: string, contents: ModelContents): Promise<void> {
  const path = resolve(folder);
  const { config, weights, tokenizer, json = {}, card, storage = "float32" } = contents;
  const checked = modelConfigSchema.safeParse(config);
  if (!checked.success) {
    const got = checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    const where = join(path, CONFIG);
    throw new CheckpointError({ where, expected: "fields that fit", got: got.join("; ") });
  }
  const tensors = async (name: string, from: TensorMap | TensorSource, as: Storage) => {
    const file = join(path, `${name}.safetensors`);
    const source = await storedAs("entries" in from && "read" in from ? from : sourceOf(from), as);
    const metadata = { format: "ordo", system: config.system };
    return { path: file, content: safetensorsStream(file, source, metadata) };
  };
  const text = (name: string, value: string) => ({ path: join(path, name), content: value });
  await makeFolder(path);
  await writeAllWhole([
    await tensors("model", weights, storage),
    ...(tokenizer
      ? [await tensors("tokenizer", tokenizer, contents.tokenizerStorage ?? storage)]
      : []),
    ...Object.entries(json).map(([name, value]) => text(name, prettyJson(value))),
    ...(card === undefined ? [] : [text("README.md", card)]),
    text(CONFIG, prettyJson(config)),
  ]);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const got = `the system's answer ${(error as NodeJS.ErrnoException).code}`;
    const hint = "A file is in the way, or the place is read-only";
    throw new CheckpointError({ where: path, expected: "a folder", got, hint }, { cause: error });
  }
}

function prettyJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function readAll(path: string, stem: string): Promise<TensorMap> {
  const file = await openSafetensorsFolder(path, stem);
  return file.readAll().finally(() => file.close());
}

async function hasTokenizer(path: string): Promise<boolean> {
  const files = ["tokenizer.safetensors", "tokenizer.safetensors.index.json"];
  const found = await Promise.all(files.map((file) => exists(join(path, file))));
  return found.some((there) => there);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
