/**
 * Frechet distance between two sets of features taken as Gaussians (Heusel et al. 2017; the sheet
 * `metrics.md`, variant c). Over Inception features it is the FID; over any other extractor its name
 * is FD with the extractor in brackets.
 */

import { DataError, ShapeError } from "../errors.ts";
import { factorCovariance } from "./covariance-factor.ts";
import { dotProducts } from "./dot-products.ts";
import type { FeatureStatistics } from "./moments.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

/** The distance and what it is made of: distance = means + traces − 2 · rootTrace. */
export interface FrechetDistance {
  readonly distance: number;
  /** ‖μ₁ − μ₂‖². */
  readonly means: number;
  /** tr S₁ + tr S₂. */
  readonly traces: number;
  /** tr (S₁ S₂)^½. */
  readonly rootTrace: number;
}

/**
 * ‖μ₁ − μ₂‖² + tr S₁ + tr S₂ − 2 tr (S₁ S₂)^½.
 *
 * Never regularised. Rounding may leave it below 0 by about 1e-8 of the traces.
 *
 * Cost: about 3·D³ operations; 23 s for D = 2048 on one core of a small, busy machine.
 *
 * @throws ShapeError for statistics of different widths; DataError for values that are not finite.
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics): FrechetDistance {
  const width = a.mean.length;
  requireStatistics("first statistics", a, width);
  requireStatistics("second statistics", b, width);
  let means = 0;
  let traces = 0;
  for (let i = 0; i < width; i++) {
    means += (a.mean[i]! - b.mean[i]!) ** 2;
    traces += a.covariance[i * width + i]! + b.covariance[i * width + i]!;
  }
  const rootTrace = traceOfRoot(a.covariance, b.covariance, width);
  return { distance: means + traces - 2 * rootTrace, means, traces, rootTrace };
}

/**
 * tr (S₁ S₂)^½: with S₁ = L Lᵀ the product has the eigenvalues of the symmetric Lᵀ S₂ L, and its root
 * the square roots of them.
 *
 * @param first, second symmetric, positive semidefinite, [D, D].
 */
export function traceOfRoot(first: Float64Array, second: Float64Array, width: number): number {
  const { order, rank, transposed } = factorCovariance(first, width);
  const permuted = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const row = order[i]! * width;
    for (let j = 0; j < width; j++) permuted[i * width + j] = second[row + order[j]!]!;
  }
  const product = congruence(transposed, permuted, rank, width);
  return symmetricEigenvalues(product, rank).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(value, 0)),
    0,
  );
}

/** Rows of one block of the products: small enough for the second-level cache. */
const block = 32;

/** The lower triangle of F S Fᵀ for F [R, D] whose row k is zero before position k; [R, R]. */
function congruence(f: Float64Array, s: Float64Array, rank: number, width: number): Float64Array {
  const rows = (values: Float64Array, from: number, to: number) => ({
    values: values.subarray(from * width, to * width),
    rows: to - from,
    width,
  });
  const half = new Float64Array(rank * width);
  for (let i = 0; i < rank; i += block) {
    const left = rows(f, i, Math.min(i + block, rank));
    for (let j = 0; j < width; j += block) {
      const right = rows(s, j, Math.min(j + block, width));
      dotProducts(left, right, half, { stride: width, offset: i * width + j, first: i });
    }
  }
  const product = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i += block) {
    const left = rows(f, i, Math.min(i + block, rank));
    for (let j = 0; j <= i; j += block) {
      const right = rows(half, j, Math.min(j + block, rank));
      dotProducts(left, right, product, { stride: rank, offset: i * rank + j, first: i });
    }
  }
  return product;
}

function requireStatistics(where: string, statistics: FeatureStatistics, width: number): void {
  const { mean, covariance } = statistics;
  if (mean.length !== width || covariance.length !== width * width) {
    throw new ShapeError({
      where: `frechetDistance: ${where}`,
      expected: `a mean of ${width} values and a covariance of ${width}x${width}`,
      got: `${mean.length} and ${covariance.length} values`,
      hint: "Both sets need the same extractor and layer",
    });
  }
  const finite = (value: number) => Number.isFinite(value);
  if (!mean.every(finite) || !covariance.every(finite)) {
    throw new DataError({
      where: `frechetDistance: ${where}`,
      expected: "finite values",
      got: "NaN or infinity",
    });
  }
}
