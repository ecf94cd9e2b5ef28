/** Picture files and bytes decoded to RGB, always upright, opaque and 8 bit. */

import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { DataError } from "../errors.ts";
import { type Colour, type Picture, type PictureSize, white } from "./picture.ts";

export interface ReadOptions {
  /** Resize to this many pixels (Lanczos); absent: as stored. */
  readonly size?: PictureSize;
  /** `cover` crops the middle, `contain` pads with the background, `fill` stretches. */
  readonly fit?: "cover" | "contain" | "fill";
  /** What transparent parts and padding show; white unless given. */
  readonly background?: Colour;
  /** Name used in errors when `source` is bytes. */
  readonly name?: string;
}

/** A small file can claim a huge picture: 100 million pixels decode to 300 MB. */
export const maximumPixels: number = 100_000_000;
const formats = "a picture (PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG)";

/**
 * Decodes a picture: EXIF orientation applied, transparency laid on the background, first frame of
 * an animation.
 *
 * @param source path or encoded bytes.
 * @throws DataError naming the file if it is missing, no picture, damaged or too large.
 */
export async function readPicture(
  source: string | Uint8Array,
  { size, fit = "cover", background = white, name }: ReadOptions = {},
): Promise<Picture> {
  const where = name ?? (typeof source === "string" ? source : "picture");
  const bytes = typeof source === "string" ? await readBytes(source, where) : source;
  if (bytes.length === 0) {
    throw new DataError({ where, expected: formats, got: "an empty file" });
  }
  const [r, g, b] = background;
  let image = sharp(bytes, { limitInputPixels: maximumPixels, failOn: "error" })
    .autoOrient()
    .flatten({ background: { r, g, b } })
    .toColourspace("srgb");
  if (size !== undefined) {
    const { width, height } = typeof size === "number" ? { width: size, height: size } : size;
    image = image.resize({ width, height, fit, background: { r, g, b } });
  }
  try {
    const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const rgb = info.channels === 3 ? new Uint8Array(data) : spreadGrey(data, info.channels);
    return { width: info.width, height: info.height, data: rgb };
  } catch (error) {
    throw pictureError(where, bytes, error);
  }
}

async function readBytes(path: string, where: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw pictureError(where, new Uint8Array(), error);
  }
}

/** The error for bytes that could not be read (`error` from the file system) or decoded (sharp). */
export function pictureError(where: string, bytes: Uint8Array, error: unknown): DataError {
  const got = fileProblems[(error as NodeJS.ErrnoException).code ?? ""];
  const facts = got ? { expected: formats, got } : explain(bytes, error);
  return new DataError({ where, ...facts }, { cause: error });
}

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "a folder",
  EACCES: "a file that may not be read",
};

/** What sharp's message means to the owner of the file. */
function explain(bytes: Uint8Array, error: unknown): { expected: string; got: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (/unsupported image format/i.test(message)) {
    return { expected: formats, got: looksLikeText(bytes) ? "text" : "an unknown kind of file" };
  }
  if (/pixel limit/i.test(message)) {
    return { expected: `at most ${maximumPixels / 1e6} million pixels`, got: "more" };
  }
  const firstLine = message.split("\n")[0]!.trim();
  return { expected: "a whole picture", got: `a damaged one (${firstLine})` };
}

function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 512).every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));
}

function spreadGrey(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels]!;
  return rgb;
}
