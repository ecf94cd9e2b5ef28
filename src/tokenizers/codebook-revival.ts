/**
 * Revival of dead codes: a code that no vector is near to gets no gradient and would stay dead, so it
 * is set onto a vector that the encoder just produced.
 *
 * Axes: V codes · C latent channels · N candidate vectors.
 */
import { ShapeError } from "../errors.ts";
import type { Random } from "../random/random.ts";

/** One code to overwrite. */
export interface Revival {
  readonly code: number;
  /** The row of the candidates that it becomes. */
  readonly candidate: number;
  /** The new code, Float32Array [C]; a copy. */
  readonly vector: Float32Array;
}

export interface RevivalOptions {
  /** Average hits of each code, [V] (`totalHits` of the usage). */
  readonly hits: ArrayLike<number>;
  /** Codes with fewer average hits are dead. */
  readonly threshold: number;
  /** Encoder vectors of the current batch, Float32Array [N, C]. */
  readonly candidates: Float32Array;
  readonly channels: number;
  readonly random: Random;
  /** At most so many codes at once, so that the codebook never jumps; all by default. */
  readonly limit?: number;
}

/**
 * Chooses which dead codes to overwrite, least used first, each by another candidate at random.
 *
 * Never uses a candidate twice: with fewer candidates than dead codes, some codes wait.
 *
 * @throws ShapeError if the candidates are no whole rows of `channels`.
 */
export function reviveCodes(options: RevivalOptions): Revival[] {
  const { hits, threshold, candidates, channels, limit = Infinity } = options;
  const rows = candidates.length / channels;
  if (!Number.isSafeInteger(rows)) {
    throw new ShapeError({
      where: "reviveCodes: candidates",
      expected: `rows of ${channels} numbers`,
      got: `${candidates.length} numbers`,
    });
  }
  const dead = deadCodes(hits, threshold).slice(0, Math.min(limit, rows));
  const drawn = options.random.permutation(rows);
  return dead.map((code, i) => {
    const candidate = drawn[i]!;
    const vector = candidates.slice(candidate * channels, (candidate + 1) * channels);
    return { code, candidate, vector };
  });
}

/** The codes below the threshold, least used first, then by number. */
export function deadCodes(hits: ArrayLike<number>, threshold: number): number[] {
  return Array.from({ length: hits.length }, (_, code) => code)
    .filter((code) => hits[code]! < threshold)
    .sort((a, b) => hits[a]! - hits[b]! || a - b);
}

/**
 * The averages after a revival, with each revived code at `hitsOfRevived`: a code needs some batches
 * to be hit before it is judged again.
 *
 * @param hits averages [K, V] or [V]; a revived code is raised in each row.
 */
export function afterRevival(
  hits: Float32Array,
  revivals: readonly Revival[],
  { codes, hitsOfRevived }: { codes: number; hitsOfRevived: number },
): Float32Array {
  const result = hits.slice();
  for (const { code } of revivals) {
    for (let i = code; i < result.length; i += codes) {
      result[i] = Math.max(result[i]!, hitsOfRevived);
    }
  }
  return result;
}
