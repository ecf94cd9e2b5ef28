/**
 * Kernel distance: the unbiased squared maximum mean discrepancy under a cubic kernel (Binkowski et
 * al. 2018). Over Inception features it is the KID; over any other extractor its name is KD.
 */

import { random } from "../random/random.ts";
import { dotProducts, type Rows, rowBlock } from "./dot-products.ts";
import { type Features, requireComparable, takeRows } from "./features.ts";

export interface KernelDistanceOptions {
  readonly seed: number;
  /** Random subsets of both sets; 100 as in the published code. */
  readonly subsets?: number;
  /** Rows in a subset, drawn without replacement; 1000 as in the published code. */
  readonly subsetSize?: number;
}

export interface KernelDistance {
  /** Mean over the subsets; unbiased, so that it may lie a little below 0. */
  readonly mean: number;
  /** Standard deviation over the subsets (divisor: their number). */
  readonly deviation: number;
  /** The value of each subset. */
  readonly values: readonly number[];
}

/**
 * Mean of `unbiasedDiscrepancy` over random subsets.
 *
 * Cost: 2 · subsets · subsetSize² · D multiplications.
 *
 * @throws ShapeError for features of different widths; DataError for sets smaller than a subset.
 */
export function kernelDistance(
  samples: Features,
  reference: Features,
  { seed, subsets = 100, subsetSize = 1000 }: KernelDistanceOptions,
): KernelDistance {
  requireComparable("kernelDistance", { samples, reference }, Math.max(subsetSize, 2));
  const draw = (features: Features, name: string, subset: number) => {
    const order = random(seed, "kernel-distance", name, subset).permutation(features.count);
    return takeRows(features, order.subarray(0, subsetSize));
  };
  const values = Array.from({ length: subsets }, (_, i) =>
    unbiasedDiscrepancy(draw(samples, "samples", i), draw(reference, "reference", i)),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / subsets;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / subsets;
  return { mean, deviation: Math.sqrt(variance), values };
}

/**
 * Mean k over pairs within a + mean k over pairs within b − 2 · mean k over pairs across, with
 * k(x, y) = (x·y / D + 1)³ and no row paired with itself. Computed in blocks: the kernel matrix is
 * never whole.
 *
 * @throws ShapeError for features of different widths; DataError for fewer than 2 rows.
 */
export function unbiasedDiscrepancy(a: Features, b: Features): number {
  requireComparable("unbiasedDiscrepancy", { a, b }, 2);
  const within = (set: Features) => kernelSum(set, set) / (set.count * (set.count - 1));
  const across = kernelSum(a, b) / (a.count * b.count);
  return within(a) + within(b) - 2 * across;
}

const block = 64;

/** Σ k(a_i, b_j) over all pairs; over i ≠ j if both are one set. */
function kernelSum(a: Features, b: Features): number {
  const rowsOfB = blocks(b);
  const products = new Float64Array(block * block);
  let total = 0;
  for (const [i, left] of blocks(a).entries()) {
    const right = a === b ? rowsOfB.slice(i) : rowsOfB;
    for (const [j, rows] of right.entries()) {
      dotProducts(left, rows, products);
      const sum = cubeSum(products, left.rows * rows.rows, a.width);
      if (a !== b) total += sum;
      else if (j > 0) total += 2 * sum;
      else total += sum - diagonalSum(products, left.rows, a.width);
    }
  }
  return total;
}

function blocks(features: Features): Rows[] {
  const result: Rows[] = [];
  for (let from = 0; from < features.count; from += block) {
    result.push(rowBlock(features, from, Math.min(from + block, features.count)));
  }
  return result;
}

function cubeSum(products: Float64Array, count: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const base = products[i]! / width + 1;
    sum += base * base * base;
  }
  return sum;
}

function diagonalSum(products: Float64Array, rows: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += (products[i * rows + i]! / width + 1) ** 3;
  return sum;
}
