/** The layout of files of torch.save: one pickle, and an entry per storage (since PyTorch 1.6). */

import { CheckpointError } from "../../errors.ts";
import { type OpenFile, readBytes } from "../read-bytes.ts";
import { type Unpickled, unpickle } from "./pickle.ts";
import type { StorageBytes } from "./tensor-view.ts";
import { entryStart, readZipDirectory, type ZipEntry } from "./zip-directory.ts";

/** What a file holds, whatever its layout: the pickled value and the bytes of its tensors. */
export interface TorchContents extends Unpickled {
  /** The storage of a key, or null if the file has none. */
  readonly storage: (key: string) => StorageBytes | null;
}

/** Pickles of training files with their optimisers stay below a few MB. */
export const LARGEST_PICKLE = 32_000_000;

/** Reads directory and pickle. @throws CheckpointError naming what is wrong */
export async function readArchive(file: OpenFile): Promise<TorchContents> {
  const { path } = file;
  const entries = await readZipDirectory(file);
  const name = archiveName(path, [...entries.keys()]);
  await requireLittleEndian(file, entries.get(`${name}/byteorder`));
  const pickle = entries.get(`${name}/data.pkl`)!;
  if (pickle.size > LARGEST_PICKLE) {
    const expected = `a pickle of at most ${LARGEST_PICKLE} bytes`;
    throw new CheckpointError({ where: path, expected, got: `${pickle.size} bytes` });
  }
  const bytes = await readBytes(file, await startOf(file, pickle), pickle.size);
  const unpickled = unpickle(new Uint8Array(bytes), `${path}: data.pkl`);
  return {
    ...unpickled,
    storage: (key) => {
      const entry = entries.get(`${name}/data/${key}`);
      return entry ? { size: entry.size, start: () => startOf(file, entry) } : null;
    },
  };
}

/** The folder that all entries lie in. */
function archiveName(where: string, names: readonly string[]): string {
  const found = names.flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  const [name, second] = found;
  if (name === undefined || second !== undefined) {
    const arrays = names.some((entry) => entry.endsWith(".npy"));
    const got = arrays ? "a zip of NumPy arrays" : `a zip with ${found.length} of them`;
    throw new CheckpointError({ where, expected: "a zip of torch.save, with one data.pkl", got });
  }
  if (names.some((entry) => entry.startsWith(`${name}/code/`))) {
    throw new CheckpointError({
      where,
      expected: "weights",
      got: "a TorchScript program",
      hint: "Save the weights alone: torch.save(model.state_dict(), FILE)",
    });
  }
  return name;
}

async function requireLittleEndian(file: OpenFile, entry: ZipEntry | undefined): Promise<void> {
  if (!entry || entry.size > 100) return;
  const order = Buffer.from(await readBytes(file, await startOf(file, entry), entry.size));
  if (order.toString().trim() !== "big") return;
  const facts = { expected: "numbers of little-endian machines", got: "big-endian ones" };
  throw new CheckpointError({ where: file.path, ...facts });
}

function startOf(file: OpenFile, entry: ZipEntry): Promise<number> {
  if (entry.stored) return entryStart(file, entry);
  throw new CheckpointError({
    where: `${file.path}: ${JSON.stringify(entry.name.slice(0, 80))}`,
    expected: "an entry stored as it is, as torch.save writes it",
    got: "a compressed or encrypted one",
    hint: "Unpack the file and zip it again without compression: zip -0 -r FILE FOLDER",
  });
}
