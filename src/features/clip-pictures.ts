/**
 * Pictures as CLIP's own code feeds them: the shorter side to the network's, the middle cropped.
 * Resized byte for byte as Pillow does it (antialiased bicubic, Keys with a = −½, in fixed point,
 * rounded after each direction), because scores depend on it.
 */
import type { Picture } from "../images/picture.ts";

/** In words, for reports. */
export function clipPreprocessing(side: number): string {
  return (
    `Pillow's bicubic with antialiasing, shorter side to ${side}, ` +
    `middle ${side}x${side} cropped, CLIP's mean and deviation`
  );
}

/** A picture of `side` × `side` pixels. */
export function clipPicture(picture: Picture, side: number): Picture {
  const { width, height } = picture;
  const shorter = Math.min(width, height);
  // longer sides are cut to whole pixels, as torchvision does
  const wide = Math.floor((side * width) / shorter);
  const tall = Math.floor((side * height) / shorter);
  const columns = tapsOf(width, wide, halfEven((wide - side) / 2), side);
  const rows = tapsOf(height, tall, halfEven((tall - side) / 2), side);
  const narrowed = resampled(picture.data, columns, {
    lines: height,
    lineStep: 3 * width,
    step: 3,
    writes: { line: 3 * side, step: 3 },
  });
  const data = resampled(narrowed, rows, {
    lines: side,
    lineStep: 3,
    step: 3 * side,
    writes: { line: 3, step: 3 * side },
  });
  return { width: side, height: side, data };
}

/** Python's round(). */
function halfEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** Which inputs an output is made of. */
interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

/** Bits behind the point. */
const PRECISION = 22;
/** Of the filter, at scale 1. */
const SUPPORT = 2;

/** The taps of `count` outputs from `start` on, of a side that goes from `inSize` to `outSize`. */
function tapsOf(inSize: number, outSize: number, start: number, count: number): Taps[] {
  const scale = inSize / outSize;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - SUPPORT * stretch + 0.5));
    const end = Math.min(inSize, Math.trunc(centre + SUPPORT * stretch + 0.5));
    const raw = Array.from({ length: end - first }, (_, j) =>
      keys((first + j - centre + 0.5) * (1 / stretch)),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    const weights = Int32Array.from(raw, (weight) => {
      const fixed = (weight / sum) * 2 ** PRECISION;
      return Math.trunc(fixed + (fixed < 0 ? -0.5 : 0.5));
    });
    return { first, weights };
  });
}

function keys(distance: number): number {
  const a = -0.5;
  const t = Math.abs(distance);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((t - 5) * t + 8) * t * a - 4 * a;
  return 0;
}

/** Offsets in bytes between pixels: along the direction that is resampled, and across it. */
interface Lines {
  readonly lines: number;
  readonly lineStep: number;
  readonly step: number;
  readonly writes: { readonly line: number; readonly step: number };
}

function resampled(
  data: Uint8Array,
  taps: readonly Taps[],
  { lines, lineStep, step, writes }: Lines,
): Uint8Array {
  const out = new Uint8ClampedArray(lines * taps.length * 3);
  for (let line = 0; line < lines; line++) {
    for (const [i, { first, weights }] of taps.entries()) {
      for (let channel = 0; channel < 3; channel++) {
        const from = line * lineStep + first * step + channel;
        let sum = 2 ** (PRECISION - 1);
        for (let j = 0; j < weights.length; j++) sum += weights[j]! * data[from + j * step]!;
        out[line * writes.line + i * writes.step + channel] = Math.floor(sum / 2 ** PRECISION);
      }
    }
  }
  return new Uint8Array(out.buffer);
}
