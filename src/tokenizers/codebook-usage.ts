/**
 * How much of a codebook is used: per-scale moving averages of hit counts (VAR's sheet, "Quantiser").
 * Figures of a single count are in `metrics/codebook-statistics.ts`.
 *
 * Axes: K scales · V codes. Counts are hits per batch, Float32Array [V].
 */
import { ShapeError } from "../errors.ts";

/** Moving averages of hits; plain data that a checkpoint can store. */
export interface CodebookUsage {
  readonly scales: number;
  readonly codes: number;
  /** How many counts were averaged so far, all scales together. */
  readonly counts: number;
  /** Averages, Float32Array [K, V], row-major. */
  readonly hits: Float32Array;
}

/** No counts yet. */
export function newUsage(scales: number, codes: number): CodebookUsage {
  return { scales, codes, counts: 0, hits: new Float32Array(scales * codes) };
}

/**
 * How often each of `codes` codes occurs among `ids`, Float32Array [V].
 *
 * @throws ShapeError at an id outside the codebook.
 */
export function countHits(ids: ArrayLike<number>, codes: number): Float32Array {
  const hits = new Float32Array(codes);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!(id >= 0 && id < codes)) {
      throw new ShapeError({
        where: "countHits",
        expected: `ids from 0 to ${codes - 1}`,
        got: `${id} at ${i}`,
      });
    }
    hits[id]!++;
  }
  return hits;
}

/**
 * The averages after one batch.
 *
 * One counter, advanced once per scale, rules all scales as in the released code: the very first
 * count is copied, the next 99 mix in with weight 0.1, all later ones with 0.01. The first batch thus
 * starts scale 0 at its count but the other scales at a tenth of theirs.
 *
 * @param batch the hits of each scale, K times Float32Array [V].
 * @throws ShapeError if the batch has other scales or codes than the usage.
 */
export function updateUsage(usage: CodebookUsage, batch: readonly Float32Array[]): CodebookUsage {
  const { scales, codes } = usage;
  if (batch.length !== scales || batch.some((count) => count.length !== codes)) {
    throw new ShapeError({
      where: "updateUsage",
      expected: `${scales} counts of ${codes} codes`,
      got: `counts of ${batch.map((count) => count.length).join(", ") || "no"} codes`,
    });
  }
  const hits = usage.hits.slice();
  for (const [scale, count] of batch.entries()) {
    const keep = decay(usage.counts + scale);
    for (let code = 0; code < codes; code++) {
      const i = scale * codes + code;
      hits[i] = keep * hits[i]! + (1 - keep) * count[code]!;
    }
  }
  return { scales, codes, counts: usage.counts + scales, hits };
}

function decay(counts: number): number {
  if (counts === 0) return 0;
  return counts < 100 ? 0.9 : 0.99;
}

/** What one average was counted over: B pictures per replica with a latent of H × W tokens. */
export interface UsageBatch {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** Replicas whose counts were added up; 1 by default. */
  readonly replicas?: number;
}

/** The average from which a code counts as used: 8 % of an even share of the finest map's tokens. */
export function usedThreshold(codes: number, counted: UsageBatch): number {
  const { batch, height, width, replicas = 1 } = counted;
  return (0.08 * batch * height * width * replicas) / codes;
}

/** The share of codes in use at each scale, K numbers from 0 to 1. */
export function usedShare(usage: CodebookUsage, counted: UsageBatch): number[] {
  const { scales, codes, hits } = usage;
  // averages are float32, so the border is too
  const threshold = Math.fround(usedThreshold(codes, counted));
  return Array.from({ length: scales }, (_, scale) => {
    const row = hits.subarray(scale * codes, (scale + 1) * codes);
    return row.reduce((used, average) => used + (average >= threshold ? 1 : 0), 0) / codes;
  });
}

/** Hits of each code over all scales, Float32Array [V]. */
export function totalHits({ scales, codes, hits }: CodebookUsage): Float32Array {
  const total = new Float32Array(codes);
  for (let i = 0; i < scales * codes; i++) total[i % codes]! += hits[i]!;
  return total;
}
