/** Known damage to sets of pictures: the rungs of the metrics sheet's validity ladder. */
import sharp from "sharp";
import type { Picture } from "../../src/images/picture.ts";
import { readPicture } from "../../src/images/read.ts";
import { encodePicture } from "../../src/images/write.ts";
import { random } from "../../src/random/random.ts";

/** Gaussian noise. @param sigma on a scale where pixels go from 0 to 1. */
export function noisy(pictures: readonly Picture[], sigma: number): Picture[] {
  return pictures.map((picture, i) => {
    const draws = random("noise", i);
    const data = Uint8ClampedArray.from(
      picture.data,
      (value) => value + 255 * sigma * draws.normal(),
    );
    return { ...picture, data: new Uint8Array(data.buffer) };
  });
}

/** Gaussian blur. @param sigma in pixels, from 0.3. */
export function blurred(pictures: readonly Picture[], sigma: number): Promise<Picture[]> {
  return Promise.all(
    pictures.map(async ({ width, height, data }) => {
      const image = sharp(data, { raw: { width, height, channels: 3 } }).blur(sigma);
      return { width, height, data: new Uint8Array(await image.raw().toBuffer()) };
    }),
  );
}

/** There and back through JPEG. @param quality 1 … 100. */
export function throughJpeg(pictures: readonly Picture[], quality: number): Promise<Picture[]> {
  return Promise.all(
    pictures.map(async (picture) => readPicture(await encodePicture(picture, "jpeg", { quality }))),
  );
}

/** The last share of the pictures replaced by the first one. */
export function duplicated(pictures: readonly Picture[], share: number): Picture[] {
  const kept = Math.round((1 - share) * pictures.length);
  return pictures.map((picture, i) => (i < kept ? picture : pictures[0]!));
}
