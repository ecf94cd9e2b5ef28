/** Masks: pictures that say where another picture is to change. */
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import type { Picture } from "./picture.ts";
import { maximumPixels, pictureError } from "./read.ts";

/**
 * Reads a mask as white where a picture is to change and black where it stays.
 *
 * A file with transparent parts marks with them, as the OpenAI Images API does; any other file
 * marks with what is brighter than middle grey.
 *
 * @throws DataError naming the file if it is missing or no picture.
 */
export async function readMask(path: string): Promise<Picture> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw pictureError(path, new Uint8Array(), error);
  });
  const { data, info } = await sharp(bytes, { limitInputPixels: maximumPixels, failOn: "error" })
    .autoOrient()
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw pictureError(path, bytes, error);
    });
  const { width, height, channels } = info;
  const opacity = (offset: number): number => data[offset + channels - 1]!;
  const marked = hasTransparentParts(data, channels)
    ? (offset: number) => opacity(offset) < 128
    : (offset: number) => brightness(data, offset, channels - 1) >= 128;
  const mask = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (marked(pixel * channels)) mask.fill(255, pixel * 3, pixel * 3 + 3);
  }
  return { width, height, data: mask };
}

function hasTransparentParts(data: Uint8Array, channels: number): boolean {
  for (let i = channels - 1; i < data.length; i += channels) if (data[i]! < 255) return true;
  return false;
}

/** Mean of the colours at `offset`: one of them for grey, three otherwise. */
function brightness(data: Uint8Array, offset: number, colours: number): number {
  let sum = 0;
  for (let c = 0; c < colours; c++) sum += data[offset + c]!;
  return sum / colours;
}
