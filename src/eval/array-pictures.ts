/** The pictures of an `.npz` as a set to be measured: `arr_0`, uint8, [N, H, W, 3]. */
import { DataError } from "../errors.ts";
import type { Picture } from "../images/picture.ts";
import { resizePicture } from "../images/resize.ts";
import { type NpzFile, openNpz } from "../metrics/npz-read.ts";
import {
  decodingWords,
  type PictureSet,
  type PictureSetOptions,
  pixelHash,
  type StoredPicture,
} from "./picture-set.ts";

/** Where ADM's batches of samples lie. */
export const PICTURE_ARRAY = "arr_0";

const ROWS_AT_ONCE = 64;

/** @throws DataError if the array is missing, or is no array of RGB bytes. */
export async function openArrayPictures(
  path: string,
  { size }: PictureSetOptions = {},
): Promise<PictureSet> {
  const file = await openNpz(path);
  try {
    const { count, height, width } = await pictureShape(file);
    const stored = (index: number, data: Uint8Array): StoredPicture => {
      const picture: Picture = { width, height, data };
      return {
        index,
        name: `${PICTURE_ARRAY}[${index}]`,
        hash: pixelHash(picture),
        decode: async () => (size === undefined ? picture : resizePicture(picture, size)),
      };
    };
    return {
      name: path,
      count,
      decoding: decodingWords(size),
      examples: null,
      pictures: async function* (indices) {
        const each = width * height * 3;
        let from = 0;
        let next = 0;
        for await (const rows of file.rows(PICTURE_ARRAY, ROWS_AT_ONCE)) {
          for (let i = 0; i < rows.count; i++) {
            if (indices && indices[next] !== from + i) continue;
            next++;
            yield stored(from + i, (rows.values as Uint8Array).slice(i * each, (i + 1) * each));
          }
          from += rows.count;
          if (indices && next >= indices.length) return;
        }
      },
      close: async () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function pictureShape(
  file: NpzFile,
): Promise<{ count: number; height: number; width: number }> {
  const { dtype, shape } = await file.header(PICTURE_ARRAY);
  const [count = 0, height = 0, width = 0, channels] = shape;
  const isPictures = dtype === "uint8" && shape.length === 4 && channels === 3;
  if (isPictures && count > 0 && height > 0 && width > 0) return { count, height, width };
  throw new DataError({
    where: `${file.path}: ${PICTURE_ARRAY}`,
    expected: "uint8 pictures in the shape (N, height, width, 3)",
    got: `${dtype} in (${shape.join(", ")})`,
  });
}
