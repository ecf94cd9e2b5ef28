/** Pictures as a canvas has them: four bytes per pixel. */
import { ShapeError } from "../errors.ts";
import type { Picture } from "./picture.ts";

/** What `ImageData` is: `data` is [H, W, 4], the last byte of a pixel says how opaque it is. */
export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** For `new ImageData(toRgba(picture), picture.width, picture.height)`; nothing is transparent. */
export function toRgba({ width, height, data }: Picture): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let p = 0; p < width * height; p++) {
    for (let channel = 0; channel < 3; channel++) rgba[4 * p + channel] = data[3 * p + channel]!;
    rgba[4 * p + 3] = 255;
  }
  return rgba;
}

/** On white, where it is transparent. @throws ShapeError if bytes are missing or surplus. */
export function fromRgba({ width, height, data }: RgbaPicture): Picture {
  if (data.length !== width * height * 4) {
    throw new ShapeError({
      where: "a picture of a canvas",
      expected: `${width * height * 4} bytes for ${width}x${height}`,
      got: String(data.length),
    });
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) {
    const opaque = data[4 * p + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      rgb[3 * p + channel] = Math.round(data[4 * p + channel]! * opaque + 255 * (1 - opaque));
    }
  }
  return { width, height, data: rgb };
}
