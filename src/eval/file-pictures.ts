/** The pictures of a folder or a zip as a set to be measured. */
import { createHash } from "node:crypto";
import { openDataset } from "../data/dataset.ts";
import { openSource } from "../data/open-source.ts";
import { DataError } from "../errors.ts";
import { readPicture } from "../images/read.ts";
import {
  decodingWords,
  type PictureSet,
  type PictureSetOptions,
  type StoredPicture,
} from "./picture-set.ts";

/** @throws DataError if nothing is there, or no picture. */
export async function openFilePictures(
  path: string,
  { size, selection = {} }: PictureSetOptions = {},
): Promise<PictureSet> {
  const dataset = await openDataset(path, selection);
  const { examples } = dataset;
  await dataset.close();
  const source = await openSource(path);
  const files = new Map(source.files.map((file) => [file.path, file]));
  const read = async (index: number): Promise<StoredPicture> => {
    const { file: name } = examples[index]!;
    const bytes = await source.read(files.get(name)!);
    return {
      index,
      name,
      hash: createHash("sha256").update(bytes).digest("hex"),
      decode: () => decoded(bytes, `${path}: ${name}`, size),
    };
  };
  return {
    name: path,
    count: examples.length,
    decoding: decodingWords(size),
    examples,
    pictures: async function* (indices) {
      const count = indices?.length ?? examples.length;
      for (let i = 0; i < count; i++) yield read(indices ? indices[i]! : i);
    },
    close: () => source.close(),
  };
}

/** A set with a hole would be another set: a broken picture ends the measurement. */
async function decoded(bytes: Uint8Array, name: string, size: PictureSetOptions["size"]) {
  try {
    return await readPicture(bytes, { name, ...(size !== undefined && { size }) });
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    const hint = "Remove or repair it: what was measured so far is kept";
    throw new DataError({ ...cause.facts, hint }, { cause });
  }
}
