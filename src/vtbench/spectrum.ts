/** How much of each octave of spatial frequency survives, and how much of a known grating. */
import type { Picture } from "../images/picture.ts";
import { luma } from "../procedural/colours.ts";

/** Energies of one octave, in squared levels. */
export interface OctaveEnergy {
  /** Cycles per pixel; the finest octave goes on to the corners, 0.71. */
  readonly from: number;
  readonly to: number;
  readonly original: number;
  /** Of the difference between the pictures. */
  readonly lost: number;
}

const octaves: readonly (readonly [number, number])[] = [
  [1 / 64, 1 / 32],
  [1 / 32, 1 / 16],
  [1 / 16, 1 / 8],
  [1 / 8, 1 / 4],
  [1 / 4, Math.SQRT1_2],
];

/**
 * Energies by octave, coarse to fine, of the brightness of two pictures. Retention is 1 − lost /
 * original: 1 if nothing is lost, 0 if the octave is empty in the second, below 0 if it is wrong.
 *
 * Both are seen through the largest square in the middle whose side is a power of two.
 */
export function octaveEnergies(original: Picture, rebuilt: Picture): OctaveEnergy[] {
  const side = 2 ** Math.floor(Math.log2(Math.min(original.width, original.height)));
  const first = middle(original, side);
  const difference = middle(rebuilt, side).map((level, i) => level - first[i]!);
  const [power, lost] = [powerSpectrum(first, side), powerSpectrum(difference, side)];
  const sums = octaves.map(() => ({ original: 0, lost: 0 }));
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const frequency = Math.hypot(Math.min(u, side - u), Math.min(v, side - v)) / side;
      const at = octaves.findIndex(([from, to]) => frequency > from && frequency <= to);
      if (at < 0) continue;
      sums[at]!.original += power[v * side + u]!;
      sums[at]!.lost += lost[v * side + u]!;
    }
  }
  return octaves.map(([from, to], i) => ({ from, to, ...sums[i]! }));
}

/** 1 − lost / original over a set of pictures, by octave; null where the originals have nothing. */
export function retention(pictures: readonly (readonly OctaveEnergy[])[]): (number | null)[] {
  return octaves.map((_, i) => {
    const original = sum(pictures.map((bands) => bands[i]!.original));
    const lost = sum(pictures.map((bands) => bands[i]!.lost));
    return original > 0 ? 1 - lost / original : null;
  });
}

/** Lower and upper end of each octave, in cycles per pixel. */
export const octaveBounds: readonly (readonly [from: number, to: number])[] = octaves;

/**
 * Modulation transfer: the amplitude of a grating in the rebuilt picture over that in the original,
 * under a Hann window.
 *
 * @param grating its period in pixels and its direction in radians.
 */
export function modulation(
  original: Picture,
  rebuilt: Picture,
  grating: { readonly period: number; readonly angle: number },
): number {
  return amplitude(rebuilt, grating) / amplitude(original, grating);
}

function amplitude(
  picture: Picture,
  { period, angle }: { readonly period: number; readonly angle: number },
): number {
  const { width, height } = picture;
  const levels = levelsOf(picture);
  const mean = sum(levels) / levels.length;
  const [fx, fy] = [Math.cos(angle) / period, Math.sin(angle) / period];
  let [real, imaginary] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const window = hann(x, width) * hann(y, height);
      const value = window * (levels[y * width + x]! - mean);
      const phase = 2 * Math.PI * (fx * x + fy * y);
      real += value * Math.cos(phase);
      imaginary += value * Math.sin(phase);
    }
  }
  return Math.hypot(real, imaginary);
}

function hann(i: number, count: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / count);
}

function levelsOf({ width, height, data }: Picture): Float64Array {
  return Float64Array.from({ length: width * height }, (_, i) =>
    luma([data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!]),
  );
}

function middle(picture: Picture, side: number): Float64Array {
  const levels = levelsOf(picture);
  const left = (picture.width - side) >> 1;
  const top = (picture.height - side) >> 1;
  return Float64Array.from(
    { length: side * side },
    (_, i) => levels[(top + Math.floor(i / side)) * picture.width + left + (i % side)]!,
  );
}

/** |F|² of a square whose side is a power of two, without its mean. */
function powerSpectrum(levels: Float64Array, side: number): Float64Array {
  const mean = sum(levels) / levels.length;
  const real = levels.map((level) => level - mean);
  const imaginary = new Float64Array(levels.length);
  for (const [start, step] of [
    [side, 1],
    [1, side],
  ] as const) {
    for (let line = 0; line < side; line++)
      transform(real, imaginary, { start: line * start, step, count: side });
  }
  return real.map((value, i) => value * value + imaginary[i]! ** 2);
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The discrete Fourier transform of one line, in place (Cooley and Tukey, radix 2). */
function transform(
  real: Float64Array,
  imaginary: Float64Array,
  { start, step, count }: Line,
): void {
  const at = (i: number) => start + i * step;
  for (let i = 1, j = 0; i < count; i++) {
    let bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    for (const values of [real, imaginary]) {
      [values[at(i)], values[at(j)]] = [values[at(j)]!, values[at(i)]!];
    }
  }
  for (let size = 2; size <= count; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const [cos, sin] = [Math.cos((2 * Math.PI * k) / size), -Math.sin((2 * Math.PI * k) / size)];
      for (let i = k; i < count; i += size) {
        const [a, b] = [at(i), at(i + size / 2)];
        const re = real[b]! * cos - imaginary[b]! * sin;
        const im = real[b]! * sin + imaginary[b]! * cos;
        [real[b], imaginary[b]] = [real[a]! - re, imaginary[a]! - im];
        [real[a], imaginary[a]] = [real[a]! + re, imaginary[a]! + im];
      }
    }
  }
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
