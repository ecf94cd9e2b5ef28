/** Intervals by resampling: how much a number depends on which pictures were drawn. */

import { ConfigError } from "../errors.ts";
import { type Random, random } from "../random/random.ts";

export interface BootstrapOptions {
  readonly seed: number;
  /** 20 at the least for a rough interval; 200 by default. */
  readonly resamples?: number;
  /** Share of resamples inside the interval; 0.95 by default. */
  readonly confidence?: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly resamples: number;
  /** Mean of the resampled values. */
  readonly mean: number;
  /** Standard deviation of the resampled values (divisor: their number). */
  readonly deviation: number;
}

/**
 * Percentile interval of a statistic of several sets, each resampled by itself with replacement.
 *
 * Resampling puts duplicates into a set: distances between distributions come out higher than on the
 * set itself, and their interval describes the spread rather than the place.
 *
 * @param counts rows in each set.
 * @param statistic given the rows of each set, as positions.
 * @throws ConfigError for empty sets, fewer than 2 resamples, or a confidence outside 0 to 1.
 */
export function bootstrapInterval(
  counts: readonly number[],
  statistic: (rows: readonly Int32Array[]) => number,
  { seed, resamples = 200, confidence = 0.95 }: BootstrapOptions,
): Interval {
  requireOptions(counts, resamples, confidence);
  const values = Float64Array.from({ length: resamples }, (_, i) => {
    const draws = random(seed, "bootstrap", i);
    return statistic(counts.map((count) => drawRows(count, draws)));
  }).sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / resamples;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / resamples;
  const tail = (1 - confidence) / 2;
  return {
    low: quantile(values, tail),
    high: quantile(values, 1 - tail),
    confidence,
    resamples,
    mean,
    deviation: Math.sqrt(variance),
  };
}

/** Interval of the mean of numbers, one for each picture. @throws as `bootstrapInterval` */
export function bootstrapMean(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  const meanAt = ([rows]: readonly Int32Array[]): number => {
    let sum = 0;
    for (const row of rows!) sum += values[row]!;
    return sum / values.length;
  };
  return bootstrapInterval([values.length], meanAt, options);
}

/** The value below which a share of ascending values lies, interpolated between neighbours. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (position - below) * (high - low);
}

function drawRows(count: number, draws: Random): Int32Array {
  return Int32Array.from({ length: count }, () => draws.integer(count));
}

function requireOptions(counts: readonly number[], resamples: number, confidence: number): void {
  const wrong = [
    ...(counts.length > 0 && counts.every((count) => count > 0) ? [] : ["an empty set"]),
    ...(Number.isInteger(resamples) && resamples >= 2 ? [] : [`${resamples} resamples`]),
    ...(confidence > 0 && confidence < 1 ? [] : [`a confidence of ${confidence}`]),
  ];
  if (wrong.length === 0) return;
  throw new ConfigError({
    where: "bootstrap",
    expected: "sets with rows, 2 resamples or more, a confidence between 0 and 1",
    got: wrong.join(", "),
  });
}
