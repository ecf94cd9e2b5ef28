/** Pictures of any size for tokenizers of one size: cut into tiles, and put together again. */
import { blankPicture, type Picture } from "../images/picture.ts";
import type { PictureSides } from "./codec.ts";

/** How many tiles cover a picture. */
export function tileCount(picture: PictureSides, tile: PictureSides): number {
  return Math.ceil(picture.width / tile.width) * Math.ceil(picture.height / tile.height);
}

/** Each tile made anew by `change`, in reading order; what hangs over repeats the edge and is cut off. */
export async function changeTiles(
  picture: Picture,
  tile: PictureSides,
  change: (tile: Picture) => Promise<Picture>,
): Promise<Picture> {
  const whole = blankPicture(picture.width, picture.height);
  for (let top = 0; top < picture.height; top += tile.height) {
    for (let left = 0; left < picture.width; left += tile.width) {
      paste(await change(cut(picture, left, top, tile)), whole, left, top);
    }
  }
  return whole;
}

/** A part of a picture; beyond the right and lower edge their pixels go on. */
export function cut(
  picture: Picture,
  left: number,
  top: number,
  { width, height }: PictureSides,
): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.min(top + y, picture.height - 1) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = 3 * (row + Math.min(left + x, picture.width - 1));
      data.set(picture.data.subarray(from, from + 3), 3 * (y * width + x));
    }
  }
  return { width, height, data };
}

function paste(tile: Picture, whole: Picture, left: number, top: number): void {
  const bytes = 3 * Math.min(tile.width, whole.width - left);
  const rows = Math.min(tile.height, whole.height - top);
  for (let y = 0; y < rows; y++) {
    const from = 3 * y * tile.width;
    const to = 3 * ((top + y) * whole.width + left);
    whole.data.set(tile.data.subarray(from, from + bytes), to);
  }
}
