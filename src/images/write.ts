/** Pictures encoded and written: the same picture and options give the same bytes. */

import { extname } from "node:path";
import sharp, { type Sharp } from "sharp";
import { ConfigError } from "../errors.ts";
import { attachRecipe, embedRecipe } from "./embed-recipe.ts";
import { type Picture, requireOneSize } from "./picture.ts";
import type { Recipe } from "./recipe.ts";
import { writeWhole } from "./whole-file.ts";

export type PictureFormat = "png" | "jpeg" | "webp";

export interface EncodeOptions {
  /** 1…100, for JPEG and WebP; 95 unless given. */
  readonly quality?: number;
  /** How the picture was made, kept inside the file. */
  readonly recipe?: Recipe;
}

/** Encoded bytes of a picture. */
export async function encodePicture(
  picture: Picture,
  format: PictureFormat,
  { quality = 95, recipe }: EncodeOptions = {},
): Promise<Buffer> {
  const { width, height, data } = picture;
  const image = encodeAs(sharp(data, { raw: { width, height, channels: 3 } }), format, quality);
  if (!recipe) return image.toBuffer();
  if (format === "png") return embedRecipe(await image.toBuffer(), recipe);
  return attachRecipe(image, recipe).toBuffer();
}

/**
 * Writes a picture in the format that the path's ending names.
 *
 * @throws ConfigError if the ending is none of .png, .jpg, .jpeg, .webp; DataError if the file
 * cannot be written.
 */
export async function writePicture(
  picture: Picture,
  path: string,
  options: EncodeOptions = {},
): Promise<void> {
  await writeWhole(path, [await encodePicture(picture, formatOf(path), options)]);
}

export interface AnimationOptions extends EncodeOptions {
  /** How long each frame stays; one number for all, or one each. */
  readonly delayMs: number | readonly number[];
  /** How often it plays; 0 = for ever. */
  readonly loop?: number;
}

/** Writes frames of one size as an animated WebP. @throws ShapeError if sizes differ. */
export async function writeAnimation(
  frames: readonly Picture[],
  path: string,
  { delayMs, loop = 0, quality = 95, recipe }: AnimationOptions,
): Promise<void> {
  const { width, height } = requireOneSize("writeAnimation", frames);
  if (extname(path).toLowerCase() !== ".webp") {
    throw new ConfigError({ where: path, expected: "a name ending in .webp", got: extname(path) });
  }
  const tall = Buffer.concat(frames.map(({ data }) => data));
  const delay = typeof delayMs === "number" ? frames.map(() => delayMs) : [...delayMs];
  const image = sharp(tall, {
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
  }).webp({ delay, loop, quality, effort: 4 });
  await writeWhole(path, [await (recipe ? attachRecipe(image, recipe) : image).toBuffer()]);
}

/** The format that a file name's ending names. @throws ConfigError if it names none. */
export function formatOf(path: string): PictureFormat {
  const format = formatsByEnding[extname(path).toLowerCase()];
  if (!format) {
    throw new ConfigError({
      where: path,
      expected: "a name ending in .png, .jpg, .jpeg or .webp",
      got: extname(path) || "no ending",
    });
  }
  return format;
}

const formatsByEnding: Readonly<Record<string, PictureFormat>> = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
};

/** Settings are spelled out so that new defaults of the codec do not change our bytes. */
function encodeAs(image: Sharp, format: PictureFormat, quality: number): Sharp {
  switch (format) {
    case "png":
      return image.png({ compressionLevel: 9, adaptiveFiltering: false, palette: false });
    case "jpeg":
      return image.jpeg({ quality, chromaSubsampling: "4:4:4", mozjpeg: false });
    case "webp":
      return image.webp({ quality, effort: 4, smartSubsample: true });
  }
}
