import { type Picture, requireOneSize } from "./picture.ts";

/**
 * Peak signal-to-noise ratio of two pictures in dB: 10·log₁₀(255² / MSE) over all bytes; infinite
 * for equal ones.
 *
 * @throws ShapeError if their sizes differ.
 */
export function psnr(a: Picture, b: Picture): number {
  requireOneSize("psnr", [a, b]);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}
