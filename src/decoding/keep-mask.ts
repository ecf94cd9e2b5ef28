/**
 * Which tokens of each scale an edit keeps (VAR's sheet, zero-shot in- and out-painting).
 *
 * Axes: K scales of pₖ tokens; the mask covers the picture's H × W pixels.
 */
import { ShapeError } from "../errors.ts";
import { bilinearMatrix } from "../graph/resample-matrix.ts";
import type { ScaleSchedule } from "../orders/scale-schedule.ts";

/** Which pixels of a picture stay: values [H, W], row-major, 1 = keep, 0 = draw anew. */
export interface PixelMask {
  readonly height: number;
  readonly width: number;
  readonly keep: ArrayLike<number>;
}

/**
 * For each scale the tokens to keep, K times Uint8Array [pₖ] (1 = keep, row-major).
 *
 * The mask is resized bilinearly without antialiasing, so a coarse token looks at the pixels around
 * its centre; it stays where the result is above ½. A map of one token always stays: it carries the
 * overall tone that the kept part needs.
 *
 * @throws ShapeError if the mask has another number of values than pixels.
 */
export function keepMasks(mask: PixelMask, schedule: ScaleSchedule): Uint8Array[] {
  const { height, width, keep } = mask;
  if (keep.length !== height * width) {
    throw new ShapeError({
      where: "keepMasks: mask",
      expected: `${height * width} values for ${height}×${width} pixels`,
      got: `${keep.length}`,
    });
  }
  return schedule.map((scale) => {
    if (scale.height * scale.width === 1) return Uint8Array.of(1);
    return Uint8Array.from(resize(mask, scale.height, scale.width), (value) =>
      value > 0.5 ? 1 : 0,
    );
  });
}

/** Rows, then columns; only the taps that count are added. */
function resize({ height, width, keep }: PixelMask, rows: number, columns: number): Float32Array {
  const down = bilinearMatrix(height, rows);
  const across = bilinearMatrix(width, columns);
  const result = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const line = new Float64Array(width);
    for (let i = 0; i < height; i++) {
      const weight = down[y * height + i]!;
      if (weight === 0) continue;
      for (let j = 0; j < width; j++) line[j]! += weight * keep[i * width + j]!;
    }
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += across[x * width + j]! * line[j]!;
      result[y * columns + x] = sum;
    }
  }
  return result;
}
