/** Reading safetensors from wherever their bytes are; the header's rules are in safetensors-header.ts. */
import { CheckpointError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import {
  parseSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors-header.ts";
import { type TensorData, viewBytes } from "./tensor-data.ts";
import type { TensorFile } from "./tensor-file.ts";

/** An open safetensors file. */
export interface SafetensorsFile extends TensorFile {
  /** All tensors, in the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
}

/** One that is not made of several. */
export interface SingleSafetensors extends SafetensorsFile {
  /** A tensor, and where its bytes begin in the file. */
  locate(name: string): SafetensorsEntry & { readonly position: number };
}

/** The header's length, before it. */
export const LENGTH_BYTES = 8;
/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;

/**
 * Checks the header against the file's size; loads no tensor.
 *
 * @throws CheckpointError naming the file, for whatever is wrong with it.
 */
export async function safetensorsFrom(file: ByteSource): Promise<SingleSafetensors> {
  const headerBytes = await readHeaderLength(file);
  const dataStart = LENGTH_BYTES + headerBytes;
  const header = parseSafetensorsHeader(
    new Uint8Array(await file.read(LENGTH_BYTES, headerBytes)),
    {
      dataBytes: file.size - dataStart,
      where: file.path,
    },
  );
  return openedFile(file, dataStart, header);
}

async function readHeaderLength(file: ByteSource): Promise<number> {
  const { path, size } = file;
  const fail = (expected: string, got: string): never => {
    const hint = "The file is cut short, damaged or not a safetensors file";
    throw new CheckpointError({ where: path, expected, got, hint });
  };
  if (size < LENGTH_BYTES + 2) return fail("at least 10 bytes", `${size} bytes`);
  const length = new DataView(await file.read(0, LENGTH_BYTES)).getBigUint64(0, true);
  if (length > LONGEST_HEADER) return fail("a header of at most 100 MB", `${length} bytes`);
  if (length > size - LENGTH_BYTES) {
    return fail(`a header of ${length} bytes, as the file says`, `${size - LENGTH_BYTES} bytes`);
  }
  return Number(length);
}

function openedFile(
  file: ByteSource,
  dataStart: number,
  { entries, metadata }: SafetensorsHeader,
): SingleSafetensors {
  const { path } = file;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const read = async (name: string): Promise<TensorData> => {
    const entry = byName.get(name);
    if (!entry) {
      throw new CheckpointError({ where: path, expected: `a tensor "${name}"`, got: "none" });
    }
    const [begin, end] = entry.offsets;
    const bytes = await file.read(dataStart + begin, end - begin);
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
    locate: (name) => {
      const entry = byName.get(name)!;
      return { ...entry, position: dataStart + entry.offsets[0] };
    },
    close: () => file.close(),
  };
}
