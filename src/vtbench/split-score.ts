/** What a codec comes to over the pictures of one split. */
import { meanPsnr } from "../metrics/psnr.ts";
import type { Measured } from "./measure.ts";
import type { Readings } from "./readers.ts";
import { octaveBounds, retention } from "./spectrum.ts";
import type { Split } from "./splits.ts";
import type { Task } from "./task.ts";
import { type Reading, type TextScore, textScore } from "./text-score.ts";

export interface SplitScore {
  readonly split: string;
  readonly task: Task;
  readonly codec: string;
  /** Pictures measured. */
  readonly pictures: number;
  /** Pictures that the codec could not do: in no mean. */
  readonly failed: number;
  /** One line for each different reason. */
  readonly failures: readonly string[];
  readonly bitsPerPixel: number | null;
  /** Mean in dB over the pictures that differ; null if none does. */
  readonly psnr: number | null;
  /** Pictures equal to their originals. */
  readonly equal: number;
  /** Of the error of all pictures together; null if there is none. */
  readonly psnrPooled: number | null;
  readonly ssim: number | null;
  readonly perceptual: number | null;
  /** Of each octave of frequency, coarse to fine. */
  readonly retention?: readonly Octave[];
  /** Amplitude of gratings that is left, by their period in pixels. */
  readonly transfer?: readonly { readonly period: number; readonly value: number }[];
  readonly glyphs?: TextScore;
  readonly tesseract?: TextScore;
}

export interface Octave {
  /** Cycles per pixel. */
  readonly from: number;
  readonly to: number;
  readonly value: number | null;
}

export type Row = Measured & Readings;

export function splitScore(
  split: Split,
  codec: string,
  rows: readonly Row[],
  failures: readonly string[],
): SplitScore {
  const ratios = rows.map(({ psnr }) => psnr);
  const { mean, equal } = meanPsnr(ratios);
  const octaves = present(rows.map((row) => row.octaves));
  const transfers = present(rows.map((row) => row.transfer));
  const glyphs = present(rows.map((row) => row.glyphs));
  const tesseract = present(rows.map((row) => row.tesseract));
  return {
    split: split.name,
    task: split.task,
    codec,
    pictures: rows.length,
    failed: failures.length,
    failures: [...new Set(failures)],
    bitsPerPixel: bitsPerPixel(rows),
    psnr: mean,
    equal,
    psnrPooled: pooledPsnr(rows),
    ssim: meanOrNull(present(rows.map(({ ssim }) => ssim))),
    perceptual: meanOrNull(present(rows.map(({ perceptual }) => perceptual))),
    ...(octaves.length > 0 && { retention: octavesOf(octaves) }),
    ...(transfers.length > 0 && { transfer: byPeriod(transfers) }),
    ...(glyphs.length > 0 && { glyphs: scored(glyphs, split) }),
    ...(tesseract.length > 0 && { tesseract: scored(tesseract, split) }),
  };
}

/** 10 log₁₀(255² / MSE), the MSE over all values of all pictures; null if it is 0. */
export function pooledPsnr(rows: readonly Pick<Measured, "psnr" | "pixels">[]): number | null {
  // 1 / 10^(∞ / 10) is 0: equal pictures add no error
  const errors = rows.map(({ psnr, pixels }) => pixels * 255 ** 2 * 10 ** (-psnr / 10));
  const mse = sum(errors) / sum(rows.map(({ pixels }) => pixels));
  return mse > 0 ? 10 * Math.log10(255 ** 2 / mse) : null;
}

function bitsPerPixel(rows: readonly Measured[]): number | null {
  const bits = present(rows.map((row) => row.bits));
  if (rows.length === 0 || bits.length < rows.length) return null;
  return sum(bits) / sum(rows.map(({ pixels }) => pixels));
}

function octavesOf(pictures: readonly NonNullable<Measured["octaves"]>[]): Octave[] {
  const values = retention(pictures);
  return octaveBounds.map(([from, to], i) => ({ from, to, value: values[i]! }));
}

function byPeriod(transfers: readonly NonNullable<Measured["transfer"]>[]) {
  const periods = [...new Set(transfers.map(({ period }) => period))].sort((a, b) => a - b);
  return periods.map((period) => {
    const values = transfers.filter((one) => one.period === period).map(({ value }) => value);
    return { period, value: sum(values) / values.length };
  });
}

function scored(readings: readonly Reading[], { latin }: Split): TextScore {
  return textScore(readings, latin);
}

export function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}

export function present<T>(values: readonly (T | null | undefined)[]): T[] {
  return values.filter((value): value is T => value !== null && value !== undefined);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
