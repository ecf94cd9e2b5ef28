/** Which kind of set a path is. */
import { openArrayPictures } from "./array-pictures.ts";
import { openFilePictures } from "./file-pictures.ts";
import type { PictureSet, PictureSetOptions } from "./picture-set.ts";

/**
 * Opens a folder, a zip of one, or an `.npz` of pictures as ADM writes it (`arr_0`, uint8, [N, H, W, 3]).
 *
 * @throws DataError if it holds no pictures.
 */
export async function openPictureSet(
  path: string,
  options: PictureSetOptions = {},
): Promise<PictureSet> {
  return isArrayFile(path) ? openArrayPictures(path, options) : openFilePictures(path, options);
}

/** Whether a path is an `.npz` by its name. */
export function isArrayFile(path: string): boolean {
  return /\.npz$/i.test(path);
}
