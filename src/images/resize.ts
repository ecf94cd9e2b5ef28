/** Pictures at other sizes. */
import sharp, { type Sharp } from "sharp";
import type { Picture, PictureSize } from "./picture.ts";

/**
 * A picture at another size (Lanczos).
 *
 * @param fit `cover` crops the middle, `fill` stretches.
 */
export async function resizePicture(
  picture: Picture,
  size: PictureSize,
  fit: "cover" | "fill" = "cover",
): Promise<Picture> {
  const { width, height } = typeof size === "number" ? { width: size, height: size } : size;
  if (picture.width === width && picture.height === height) return picture;
  return raw(open(picture).resize({ width, height, fit }));
}

/** A picture with a border of `pixels` on all sides that repeats the colours of its edge. */
export async function extendPicture(picture: Picture, pixels: number): Promise<Picture> {
  const sides = { top: pixels, bottom: pixels, left: pixels, right: pixels };
  return raw(open(picture).extend({ ...sides, extendWith: "copy" }));
}

function open({ width, height, data }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function raw(image: Sharp): Promise<Picture> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
