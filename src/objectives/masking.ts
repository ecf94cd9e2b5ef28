/** How much of a picture is hidden while a masked model is trained (sheet mar, "Mask ratio"). */
import type { Random } from "../random/random.ts";

/** A normal distribution that is cut off on both sides. */
export interface MaskRatios {
  readonly mean: number;
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

/** What MAR is trained with: 0.87 on average, and everything hidden at times. */
export const marMaskRatios: MaskRatios = { mean: 1, deviation: 0.25, least: 0.7, most: 1 };

/** Draws anew until the ratio is inside. */
export function maskRatio({ mean, deviation, least, most }: MaskRatios, draws: Random): number {
  for (;;) {
    const ratio = mean + deviation * draws.normal();
    if (ratio >= least && ratio <= most) return ratio;
  }
}

/** ⌈L·r⌉ hidden tokens. */
export function maskedCount(length: number, ratio: number): number {
  return Math.ceil(length * ratio);
}
