/** Cholesky factors of covariances, which may be singular: dead features, fewer rows than width. */

import { DataError } from "../errors.ts";

/** S[order, order] ≈ L Lᵀ, exact but for what rounding leaves of S. */
export interface CovarianceFactor {
  /** Positions of S in the order of elimination, [D]. */
  readonly order: Int32Array;
  /** Columns of L. */
  readonly rank: number;
  /** Lᵀ, [rank, D] row-major: row k is zero before position k. */
  readonly transposed: Float64Array;
}

/**
 * Cholesky factor with complete pivoting; it ends where all that is left is rounding error, D·ε times
 * the largest variance.
 *
 * Cost: D²·rank / 2 multiplications.
 *
 * @throws DataError if a variance is negative.
 */
export function factorCovariance(covariance: Float64Array, width: number): CovarianceFactor {
  const rest = Float64Array.from({ length: width }, (_, i) => covariance[i * width + i]!);
  const largest = rest.reduce((most, value) => Math.max(most, value), 0);
  const tolerance = width * Number.EPSILON * largest;
  const negative = rest.findIndex((value) => !(value >= -tolerance));
  if (negative >= 0) {
    throw new DataError({
      where: "covariance",
      expected: "variances from 0 up",
      got: `${rest[negative]} at ${negative}`,
    });
  }
  const order = Int32Array.from({ length: width }, (_, i) => i);
  // row i of L belongs to position i of S: nothing moves but the names in `order`
  const factor = new Float64Array(width * width);
  let rank = 0;
  for (; rank < width; rank++) {
    let best = rank;
    for (let i = rank + 1; i < width; i++) {
      if (rest[order[i]!]! > rest[order[best]!]!) best = i;
    }
    const pivot = order[best]!;
    if (!(rest[pivot]! > tolerance)) break;
    [order[rank], order[best]] = [pivot, order[rank]!];
    const root = Math.sqrt(rest[pivot]!);
    factor[pivot * width + rank] = root;
    for (let i = rank + 1; i < width; i++) {
      const at = order[i]!;
      const value =
        (covariance[pivot * width + at]! - dot(factor, at * width, pivot * width, rank)) / root;
      factor[at * width + rank] = value;
      rest[at]! -= value * value;
    }
  }
  const transposed = new Float64Array(rank * width);
  for (let i = 0; i < width; i++) {
    const row = order[i]! * width;
    for (let k = 0; k < rank; k++) transposed[k * width + i] = factor[row + k]!;
  }
  return { order, rank, transposed };
}

/** Dot product of the first `length` values of two rows of one matrix. */
function dot(values: Float64Array, a: number, b: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= length; k += 4) {
    s0 += values[a + k]! * values[b + k]!;
    s1 += values[a + k + 1]! * values[b + k + 1]!;
    s2 += values[a + k + 2]! * values[b + k + 2]!;
    s3 += values[a + k + 3]! * values[b + k + 3]!;
  }
  for (; k < length; k++) s0 += values[a + k]! * values[b + k]!;
  return s0 + s1 + (s2 + s3);
}
