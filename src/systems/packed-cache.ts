/** Packed matrices on the disk, so that a large model is quantised once and not at every start. */
import { mkdir, utimes } from "node:fs/promises";
import { join, parse } from "node:path";
import { cacheKey, keepNewest } from "../cache-folder.ts";
import { fileFacts } from "../checkpoints/file-facts.ts";
import { placeOfLarge } from "../checkpoints/place-parameters.ts";
import {
  openSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "../checkpoints/safetensors.ts";
import type { TensorData, TensorDtype } from "../checkpoints/tensor-data.ts";
import { type FileFloats, type FileValues, type Floats, lieInFile } from "../floats.ts";
import type { PackedMatrices, PackedValues } from "../nn/matrix-format.ts";

/** Changes when packing gives other numbers, so that what lies in caches is made again. */
const PACKING = 1;

/** Smaller models are packed faster than a file is looked for. */
const LEAST_NUMBERS = 16 * 1024 * 1024;

/** Files that are kept, the last used ones. */
const MOST_FILES = 8;

type Format = PackedMatrices["format"];

/**
 * What `pack` gives, from the cache if the files of the weights are as they were: large matrices stay
 * in their file there, which the engine maps.
 *
 * A cache that cannot be read or written is no error: the matrices are then packed.
 *
 * @param matrices the float32 matrices; those in memory have no file to know them by, and are not
 *   cached.
 */
export async function cachedMatrices(
  folder: string,
  format: Format,
  matrices: readonly Floats[],
  pack: () => Promise<PackedMatrices<PackedValues>>,
): Promise<PackedMatrices> {
  const files = matrices.filter((matrix) => lieInFile(matrix));
  const numbers = files.reduce((sum, { length }) => sum + length, 0);
  if (files.length < matrices.length || numbers < LEAST_NUMBERS) return pack();
  const path = join(folder, `${await keyOf(format, files)}.safetensors`);
  const mapped = parse(path).root === parse(files[0]!.folder).root;
  const found = await read(path, format, mapped);
  if (found) return found;
  const packed = await pack();
  await write(folder, path, packed);
  return (await read(path, format, mapped)) ?? packed;
}

async function keyOf(format: Format, files: readonly FileFloats[]): Promise<string> {
  const paths = [...new Set(files.map((file) => join(file.folder, file.name)))].sort();
  const facts = await Promise.all(paths.map(fileFacts));
  const places = files.map(({ offset, length }) => [offset, length]);
  return cacheKey({ PACKING, format, facts, places });
}

/** @param mapped whether matrices may stay in the file: not on another drive than the other weights. */
async function read(path: string, format: Format, mapped: boolean): Promise<PackedMatrices | null> {
  try {
    const file = await openSafetensors(path);
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return { format, values: await valuesIn(file, mapped).finally(() => file.close()) };
  } catch {
    return null;
  }
}

async function valuesIn(
  file: SafetensorsFile,
  mapped: boolean,
): Promise<Map<string, PackedValues | FileValues>> {
  const values = new Map<string, PackedValues | FileValues>();
  for (const entry of file.entries) {
    const place = mapped ? await placeOfLarge(file, entry) : null;
    values.set(entry.name, place ?? ((await file.read(entry.name)).data as PackedValues));
  }
  return values;
}

async function write(
  folder: string,
  path: string,
  { values }: PackedMatrices<PackedValues>,
): Promise<void> {
  const tensors = new Map([...values].map(([name, data]) => [name, tensorOf(data)]));
  try {
    await mkdir(folder, { recursive: true });
    await writeSafetensors(path, tensors);
    await keepNewest(folder, MOST_FILES);
  } catch {
    // a full or read-only disk: the next start packs again
  }
}

function tensorOf(data: PackedValues): TensorData {
  return { dtype: dtypeOf(data), shape: [data.length], data };
}

function dtypeOf(data: PackedValues): TensorDtype {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Uint16Array) return "float16";
  return data instanceof Int8Array ? "int8" : "uint8";
}
