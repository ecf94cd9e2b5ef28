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
      const image = sharp(data, { raw: { width, height, channels: 3 } }).blur({
        sigma,
        // by default a blur of half a pixel is none
        minAmplitude: 0.001,
        precision: "float",
      });
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

/**
 * A share of the modes duplicated: every picture of the first labels replaced by the first one of its
 * label. Copies of a single picture would not do: the others would only lie farther apart, and their
 * wider balls cover more, so that recall rises.
 */
export function collapsed<Label extends string | number>(
  pictures: readonly { readonly picture: Picture; readonly label: Label }[],
  share: number,
): Picture[] {
  const labels = [...new Set(pictures.map(({ label }) => label))].sort();
  const firsts = new Map(
    labels
      .slice(0, Math.round(share * labels.length))
      .map((label) => [label, pictures.find((one) => one.label === label)!.picture]),
  );
  return pictures.map(({ picture, label }) => firsts.get(label) ?? picture);
}
