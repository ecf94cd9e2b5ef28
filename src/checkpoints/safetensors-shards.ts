/** Weights that are one file, or several with an index: the hub's layout for large models. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CheckpointError } from "../errors.ts";
import { readJson } from "./json-file.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors.ts";

// a shard lies beside its index: a path in its name would let an index read files elsewhere
const shardName = z.string().regex(/^[^/\\]+\.safetensors$/, "must be a .safetensors file name");
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), shardName) });

/**
 * Opens `STEM.safetensors` of a folder, or the shards that `STEM.safetensors.index.json` lists, as
 * if they were one file. Of shards, only tensors named by the index are seen; offsets are those
 * inside each shard.
 *
 * @throws CheckpointError naming the file at fault, or the folder if it holds neither.
 */
export async function openSafetensorsFolder(
  folder: string,
  stem = "model",
): Promise<SafetensorsFile> {
  const single = join(folder, `${stem}.safetensors`);
  if (await exists(single)) return openSafetensors(single);
  const index = `${single}.index.json`;
  if (await exists(index)) return openSafetensorsIndex(folder, `${stem}.safetensors.index.json`);
  throw new CheckpointError({
    where: folder,
    expected: `${stem}.safetensors or ${stem}.safetensors.index.json`,
    got: "neither",
    hint: "Name a model folder",
  });
}

/** Opens the shards that the index `name` of a folder lists. @throws CheckpointError */
export async function openSafetensorsIndex(folder: string, name: string): Promise<SafetensorsFile> {
  const index = join(folder, name);
  const { weight_map: weightMap } = await readJson(index, indexSchema);
  const shards = new Map<string, SafetensorsFile>();
  const close = async () => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    for (const name of [...new Set(Object.values(weightMap))].sort()) {
      shards.set(name, await openSafetensors(join(folder, name)));
    }
    return joinShards(index, new Map(Object.entries(weightMap)), shards, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function joinShards(
  path: string,
  shardOf: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, SafetensorsFile>,
  close: () => Promise<void>,
): SafetensorsFile {
  const entries = [...shards].flatMap(([file, shard]) =>
    shard.entries.filter(({ name }) => shardOf.get(name) === file),
  );
  const present = new Set(entries.map(({ name }) => name));
  const missing = [...shardOf].filter(([name]) => !present.has(name));
  if (missing.length > 0) {
    throw new CheckpointError({
      where: path,
      expected: "shards that hold what the index lists",
      got: `none of ${missing.map(([name, file]) => `${name} in ${file}`).join(", ")}`,
      hint: "The shards are of different models, or one was replaced",
    });
  }
  const read: SafetensorsFile["read"] = async (name) => {
    const shard = shards.get(shardOf.get(name) ?? "");
    if (shard) return shard.read(name);
    throw new CheckpointError({ where: path, expected: `a tensor "${name}"`, got: "none" });
  };
  return {
    path,
    format: "safetensors",
    entries,
    metadata: new Map([...shards.values()].flatMap(({ metadata }) => [...metadata])),
    read,
    readAll: async () => {
      const tensors = new Map();
      for (const { name } of entries) tensors.set(name, await read(name));
      return tensors;
    },
    place: async (name) => (await shards.get(shardOf.get(name) ?? "")?.place?.(name)) ?? null,
    close,
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
