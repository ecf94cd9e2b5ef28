/**
 * What VTBench's code does that a measurement should not: for comparing with its published numbers,
 * and for nothing else.
 *
 * Pictures are resized to the codec's size before they are encoded; bytes are cut instead of rounded;
 * both pictures are resized to 256 before they are compared; PSNR pools the error of all pictures, and
 * SSIM takes its range from the values; the perceptual network sees [0, 1] where it expects [-1, 1].
 */
import sharp from "sharp";
import type { Picture } from "../images/picture.ts";
import { resizePicture } from "../images/resize.ts";
import type { PictureSides } from "./codec.ts";

const side = 256;

/** The middle of a picture at a codec's size (Lanczos), or at 256 where it takes any. */
export function officialInput(picture: Picture, native: PictureSides | null): Promise<Picture> {
  return resizePicture(picture, native ?? side, "cover");
}

/** At 256x256, bilinear with smoothing. */
export async function officialComparison({ width, height, data }: Picture): Promise<Picture> {
  const resized = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: side, height: side, fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  return { width: side, height: side, data: new Uint8Array(resized) };
}

/**
 * Graph output as VTBench writes it: ⌊255 · clamp((x + 1) / 2)⌋.
 *
 * @param pixels float32 [3, H, W] in [-1, 1].
 */
export function truncatedPicture(pixels: Float32Array, { width, height }: PictureSides): Picture {
  const area = width * height;
  const data = Uint8Array.from({ length: 3 * area }, (_, i) => {
    const value = pixels[(i % 3) * area + Math.floor(i / 3)]!;
    return Math.floor(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
  });
  return { width, height, data };
}

/** A picture whose bytes stand, in [-1, 1], where those of the given one stand in [0, 1]. */
export function unnormalised({ width, height, data }: Picture): Picture {
  return { width, height, data: data.map((value) => Math.round((255 + value) / 2)) };
}
