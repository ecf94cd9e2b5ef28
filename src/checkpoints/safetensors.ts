/** Reading and writing safetensors files; the rules of the header are in safetensors-header.ts. */

import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { CheckpointError } from "../errors.ts";
import { type OpenFile, openFile, readBytes } from "./read-bytes.ts";
import {
  badMetadata,
  badTensorName,
  encodeSafetensorsHeader,
  parseSafetensorsHeader,
  type SafetensorsEntry,
} from "./safetensors-header.ts";
import {
  elementBytes,
  elementCount,
  storesDtype,
  type TensorData,
  type TensorMap,
  viewBytes,
} from "./tensor-data.ts";
import { sourceOf, type TensorEntry, type TensorFile, type TensorSource } from "./tensor-file.ts";
import { writeWhole } from "./whole-file.ts";

export type { SafetensorsEntry } from "./safetensors-header.ts";

/** An open safetensors file. */
export interface SafetensorsFile extends TensorFile {
  /** All tensors, in the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
}

const LENGTH_BYTES = 8;
/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;

/**
 * Opens a safetensors file and checks its header against the file's size; loads no tensor.
 *
 * @throws CheckpointError naming the file, for whatever is wrong with it.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openFile(path, "a safetensors file");
  try {
    const headerBytes = await readHeaderLength(file);
    const dataStart = LENGTH_BYTES + headerBytes;
    const header = parseSafetensorsHeader(
      new Uint8Array(await readBytes(file, LENGTH_BYTES, headerBytes)),
      { dataBytes: file.size - dataStart, where: path },
    );
    return openedFile(file, dataStart, header);
  } catch (error) {
    await file.handle.close();
    throw error;
  }
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

async function readHeaderLength(file: OpenFile): Promise<number> {
  const { path, size } = file;
  const fail = (expected: string, got: string): never => {
    const hint = "The file is cut short, damaged or not a safetensors file";
    throw new CheckpointError({ where: path, expected, got, hint });
  };
  if (size < LENGTH_BYTES + 2) return fail("at least 10 bytes", `${size} bytes`);
  const length = new DataView(await readBytes(file, 0, LENGTH_BYTES)).getBigUint64(0, true);
  if (length > LONGEST_HEADER) return fail("a header of at most 100 MB", `${length} bytes`);
  if (length > size - LENGTH_BYTES) {
    return fail(`a header of ${length} bytes, as the file says`, `${size - LENGTH_BYTES} bytes`);
  }
  return Number(length);
}

function openedFile(
  file: OpenFile,
  dataStart: number,
  { entries, metadata }: Pick<SafetensorsFile, "entries" | "metadata">,
): SafetensorsFile {
  const { path } = file;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const read = async (name: string): Promise<TensorData> => {
    const entry = byName.get(name);
    if (!entry) {
      throw new CheckpointError({ where: path, expected: `a tensor "${name}"`, got: "none" });
    }
    const [begin, end] = entry.offsets;
    const bytes = await readBytes(file, dataStart + begin, end - begin);
    return { dtype: entry.dtype, shape: entry.shape, data: viewBytes(entry.dtype, bytes) };
  };
  return {
    path,
    format: "safetensors",
    entries,
    metadata,
    read,
    readAll: async () => {
      const tensors = new Map<string, TensorData>();
      for (const { name } of entries) tensors.set(name, await read(name));
      return tensors;
    },
    place: async (name) => {
      const { dtype, shape, offsets } = byName.get(name)!;
      const offset = dataStart + offsets[0];
      if (dtype !== "float32" || offset % Float32Array.BYTES_PER_ELEMENT !== 0) return null;
      const real = await realpath(path);
      const length = elementCount(shape);
      return { folder: dirname(real), name: basename(real), offset, length };
    },
    close: () => file.handle.close(),
  };
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
