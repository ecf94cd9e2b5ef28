/**
 * The layout of files before PyTorch 1.6: five pickles (magic number, version, machine, value, keys
 * of storages), then each storage as a 64-bit count and its numbers.
 */

import { CheckpointError } from "../../errors.ts";
import { type OpenFile, readBytes } from "../read-bytes.ts";
import { elementBytes } from "../tensor-data.ts";
import { LARGEST_PICKLE, type TorchContents } from "./archive.ts";
import { type Unpickled, unpickle } from "./pickle.ts";
import { PickleObject, PickleStorage, PickleTensor, type PickleValue } from "./pickle-values.ts";
import type { StorageBytes } from "./tensor-view.ts";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
const COUNT_BYTES = 8;

/** Reads the pickles and finds the storages. @throws CheckpointError naming what is wrong */
export async function readLegacy(file: OpenFile): Promise<TorchContents> {
  const { path, size } = file;
  const bytes = new Uint8Array(await readBytes(file, 0, Math.min(size, LARGEST_PICKLE)));
  const next = (what: string, start: number) => unpickle(bytes, `${path}: ${what}`, start);
  const magic = next("magic number", 0);
  if (magic.value !== MAGIC) {
    const expected = "a file of torch.save";
    const hint = "A bare pickle of other programs cannot be read";
    throw new CheckpointError({ where: path, expected, got: "another pickle", hint });
  }
  const version = next("version", magic.end);
  if (version.value !== VERSION) {
    const got = String(version.value).slice(0, 20);
    throw new CheckpointError({ where: path, expected: `version ${VERSION}`, got });
  }
  const machine = next("machine", version.end);
  if (machine.value instanceof Map && machine.value.get("little_endian") === false) {
    const facts = { expected: "numbers of little-endian machines", got: "big-endian ones" };
    throw new CheckpointError({ where: path, ...facts });
  }
  const contents = next("contents", machine.end);
  const keys = next("keys of storages", contents.end);
  const storages = await findStorages(file, contents, keys);
  return { ...contents, storage: (key) => storages.get(key) ?? null };
}

async function findStorages(
  file: OpenFile,
  contents: Unpickled,
  keys: Unpickled,
): Promise<Map<string, StorageBytes>> {
  const where = `${file.path}: storages`;
  const widths = elementWidths(contents.value);
  const found = new Map<string, StorageBytes>();
  let at = keys.end;
  for (const key of Array.isArray(keys.value) ? keys.value : []) {
    const width = typeof key === "string" ? widths.get(key) : undefined;
    if (typeof key !== "string" || width === undefined || found.has(key)) {
      const got = "keys that do not match its tensors";
      throw new CheckpointError({ where, expected: "the storages of the file", got });
    }
    const count = new DataView(await readBytes(file, at, COUNT_BYTES)).getBigUint64(0, true);
    const start = at + COUNT_BYTES;
    if (count > BigInt(Math.floor((file.size - start) / width))) {
      const got = `${file.size - start} bytes`;
      throw new CheckpointError({ where, expected: `${count} numbers of ${width} bytes`, got });
    }
    const size = Number(count) * width;
    found.set(key, { size, start: async () => start });
    at = start + size;
  }
  return found;
}

/** Bytes per element of every storage that the value speaks of. */
function elementWidths(root: PickleValue): Map<string, number> {
  const widths = new Map<string, number>();
  const seen = new Set<PickleValue>();
  const open: PickleValue[] = [root];
  while (open.length > 0) {
    const value = open.pop()!;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof PickleTensor) open.push(value.storage);
    else if (value instanceof PickleStorage) {
      const dtype = value.type?.dtype;
      widths.set(value.key, dtype ? elementBytes(dtype) : 1);
    } else if (value instanceof PickleObject) open.push(value.items, value.state, ...value.args);
    else if (value instanceof Map) for (const pair of value) open.push(...pair);
    else if (Array.isArray(value)) for (const item of value) open.push(item);
  }
  return widths;
}
