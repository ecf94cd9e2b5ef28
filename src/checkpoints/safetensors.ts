/** Reading and writing safetensors files; the rules of the header are in safetensors-header.ts. */

import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { CheckpointError } from "../errors.ts";
import { type FileDtype, type FileValues, fileDtypes } from "../floats.ts";
import { openFile, readBytes } from "./read-bytes.ts";
import {
  badMetadata,
  badTensorName,
  encodeSafetensorsHeader,
  type SafetensorsEntry,
} from "./safetensors-header.ts";
import {
  LENGTH_BYTES,
  type SafetensorsFile,
  type SingleSafetensors,
  safetensorsFrom,
} from "./safetensors-read.ts";
import {
  elementBytes,
  elementCount,
  storesDtype,
  type TensorData,
  type TensorDtype,
  type TensorMap,
} from "./tensor-data.ts";
import { sourceOf, type TensorEntry, type TensorSource } from "./tensor-file.ts";
import { writeWhole } from "./whole-file.ts";

export type { SafetensorsEntry } from "./safetensors-header.ts";
export type { SafetensorsFile } from "./safetensors-read.ts";

/**
 * Opens a safetensors file and checks its header against the file's size; loads no tensor.
 *
 * @throws CheckpointError naming the file, for whatever is wrong with it.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openFile(path, "a safetensors file");
  try {
    const opened = await safetensorsFrom({
      path,
      size: file.size,
      read: (position, count) => readBytes(file, position, count),
      close: () => file.handle.close(),
    });
    return { ...opened, place: (name) => placeOf(opened, name) };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

/** Where the engine can map the numbers of a tensor; null if it cannot. */
async function placeOf(file: SingleSafetensors, name: string): Promise<FileValues | null> {
  const { dtype, shape, position: offset } = file.locate(name);
  if (!isMapped(dtype) || offset % elementBytes(dtype) !== 0) return null;
  const real = await realpath(file.path);
  const [folder, length] = [dirname(real), elementCount(shape)];
  return { dtype, folder, name: basename(real), offset, length };
}

function isMapped(dtype: TensorDtype): dtype is FileDtype {
  return fileDtypes.some((mapped) => mapped === dtype);
}

/** Opens, loads everything and closes. @throws CheckpointError */
export async function readSafetensors(path: string): Promise<TensorMap> {
  const file = await openSafetensors(path);
  return file.readAll().finally(() => file.close());
}

/**
 * Writes tensors whole or not at all: wide elements first so that all data is aligned, then by
 * name, so that equal tensors give equal files.
 *
 * @throws CheckpointError for names and tensors the format cannot hold, or if the disk refuses.
 */
export async function writeSafetensors(
  path: string,
  tensors: TensorMap,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeWhole(path, safetensorsChunks(path, tensors, metadata));
}

/** The bytes of a safetensors file in pieces that share memory with the tensors. */
export function safetensorsChunks(
  path: string,
  tensors: TensorMap,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const { entries } = sourceOf(tensors);
  for (const [name, tensor] of tensors) requireWritable(path, name, tensor);
  const { head, order } = layOut(path, entries, metadata);
  return [...head, ...order.map(({ name }) => asBytes(tensors.get(name)!.data))];
}

/**
 * The same for tensors that are loaded one by one, so that memory holds one of them at a time.
 *
 * @throws CheckpointError if a tensor is not what its entry said.
 */
export async function* safetensorsStream(
  path: string,
  source: TensorSource,
  metadata: Readonly<Record<string, string>> = {},
): AsyncGenerator<Uint8Array> {
  const { head, order } = layOut(path, source.entries, metadata);
  yield* head;
  for (const { name, dtype, shape } of order) {
    const { data } = await source.read(name);
    requireWritable(path, name, { dtype, shape, data });
    yield asBytes(data);
  }
}

interface Layout {
  /** Length and header. */
  readonly head: readonly Uint8Array[];
  /** In the order of their bytes. */
  readonly order: readonly SafetensorsEntry[];
}

/** Wide elements first so that all data is aligned, then by name. */
function layOut(
  path: string,
  entries: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>>,
): Layout {
  const sorted = [...entries].sort(
    (a, b) => elementBytes(b.dtype) - elementBytes(a.dtype) || (a.name < b.name ? -1 : 1),
  );
  let end = 0;
  const order = sorted.map(({ name, dtype, shape }): SafetensorsEntry => {
    const bad = badTensorName(name);
    if (bad) throw new CheckpointError({ where: path, expected: "plain tensor names", got: bad });
    const begin = end;
    end += elementCount(shape) * elementBytes(dtype);
    return { name, dtype, shape, offsets: [begin, end] };
  });
  const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const badPair = pairs.map(([key, value]) => badMetadata(key, value)).find((bad) => bad !== null);
  if (badPair) {
    throw new CheckpointError({ where: path, expected: "plain texts as metadata", got: badPair });
  }
  const header = encodeSafetensorsHeader({ entries: order, metadata: new Map(pairs) });
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return { head: [length, header], order };
}

function requireWritable(path: string, name: string, { dtype, shape, data }: TensorData): void {
  if (!storesDtype(data, dtype) || data.length !== elementCount(shape)) {
    throw new CheckpointError({
      where: `${path}: ${name}`,
      expected: `${elementCount(shape)} elements of ${dtype} for [${shape.join(", ")}]`,
      got: `${data.length} in a ${data.constructor.name}`,
    });
  }
}

function asBytes(data: TensorData["data"]): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
