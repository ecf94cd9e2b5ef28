/** What the benchmark measures: anything that stands for a picture in bits and gives it back. */
import type { Picture } from "../images/picture.ts";

export interface Rebuilt {
  /** Of the original's size. */
  readonly picture: Picture;
  /** What stood for the picture; null where it is not counted in bits (continuous latents). */
  readonly bits: number | null;
}

export interface PictureSides {
  readonly width: number;
  readonly height: number;
}

export interface PictureCodec {
  readonly name: string;
  /** Anchors say what a number is worth; codecs compete with tokenizers. */
  readonly kind: "anchor" | "codec" | "tokenizer";
  /** Settings in words. */
  readonly about: string;
  /** The only size that it takes, larger pictures being cut into tiles; null for any size. */
  readonly nativeSize: PictureSides | null;
  rebuild(picture: Picture): Promise<Rebuilt>;
}

/** Bits of red, green and blue as bytes. */
export function rawBits({ width, height }: PictureSides): number {
  return 24 * width * height;
}
