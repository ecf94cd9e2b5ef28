/** Peak signal-to-noise ratio, in dB. */

import { ShapeError } from "../errors.ts";
import { type Picture, requireOneSize } from "../images/picture.ts";

/**
 * Peak signal-to-noise ratio of two pictures in dB: 10·log₁₀(255² / MSE) over all bytes; infinite
 * for equal ones.
 *
 * @throws ShapeError if their sizes differ.
 */
export function psnr(a: Picture, b: Picture): number {
  requireOneSize("psnr", [a, b]);
  return psnrOfValues(a.data, b.data, 255);
}

/**
 * As `psnr`, for numbers on any scale.
 *
 * @param range distance from the darkest to the brightest possible value: 2 for [-1, 1].
 * @throws ShapeError if their lengths differ or are 0.
 */
export function psnrOfValues(a: ArrayLike<number>, b: ArrayLike<number>, range: number): number {
  if (a.length !== b.length || a.length === 0) {
    throw new ShapeError({
      where: "psnr",
      expected: "two pictures of one size",
      got: `${a.length} and ${b.length} values`,
    });
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(range ** 2 / (sum / a.length));
}

/** PSNR of a set of pictures. */
export interface SetPsnr {
  /** Mean over the pictures that differ from their originals; null if none does. */
  readonly mean: number | null;
  readonly pictures: number;
  /** Pictures equal to their originals: infinite, and kept out of the mean. */
  readonly equal: number;
}

/** The mean of the ratios of single pictures, which is not the ratio of the mean error. */
export function meanPsnr(ratios: readonly number[]): SetPsnr {
  const finite = ratios.filter((ratio) => ratio !== Number.POSITIVE_INFINITY);
  const sum = finite.reduce((total, ratio) => total + ratio, 0);
  return {
    mean: finite.length === 0 ? null : sum / finite.length,
    pictures: ratios.length,
    equal: ratios.length - finite.length,
  };
}
