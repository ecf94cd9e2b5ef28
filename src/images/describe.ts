import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { pictureError } from "./read.ts";

/** What the header of a picture file says. */
export interface PictureDescription {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** 1 unless it is an animation. */
  readonly frames: number;
}

/** Reads the header of a picture; decodes nothing. @throws DataError naming the file */
export async function describePicture(path: string): Promise<PictureDescription> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw pictureError(path, new Uint8Array(), error);
  });
  const { format, width, height, pages, pageHeight } = await sharp(bytes)
    .metadata()
    .catch((error: unknown) => {
      throw pictureError(path, bytes, error);
    });
  return { format, width, height: pageHeight ?? height, bytes: bytes.length, frames: pages ?? 1 };
}
