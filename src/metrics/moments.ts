/** Mean and covariance of features that come in pieces, in double precision. Axes: N rows · D width. */

import { DataError, ShapeError } from "../errors.ts";
import { type Features, requireFinite } from "./features.ts";

/** What the Frechet distance knows of a set. */
export interface FeatureStatistics {
  /** How many rows were counted; null where a file does not say. */
  readonly count: number | null;
  /** [D]. */
  readonly mean: Float64Array;
  /** [D, D] row-major, symmetric, with the divisor N − 1. */
  readonly covariance: Float64Array;
}

/** Rows that are added in one pass over the matrix of products. */
const pack = 8;

/**
 * Sums of x and of x·xᵀ; the sets of two accumulators can be merged.
 *
 * All is summed relative to the first row, which keeps the digits that a large mean would cost.
 * Memory: D² doubles. Cost: D² / 2 multiplications a row.
 */
export class Moments {
  readonly width: number;
  #count = 0;
  #shift: Float64Array | null = null;
  readonly #sum: Float64Array;
  /** Lower triangle of Σ (x − shift)(x − shift)ᵀ. */
  readonly #products: Float64Array;

  constructor(width: number) {
    this.width = width;
    this.#sum = new Float64Array(width);
    this.#products = new Float64Array(width * width);
  }

  get count(): number {
    return this.#count;
  }

  /** @throws ShapeError for rows of another width; DataError for values that are not finite. */
  add(features: Features): void {
    const { width } = this;
    this.#requireWidth(features.width);
    requireFinite("Moments.add", features);
    if (features.count === 0) return;
    this.#shift ??= Float64Array.from(features.values.subarray(0, width));
    const rows = new Float64Array(pack * width);
    for (let from = 0; from < features.count; from += pack) {
      const count = Math.min(pack, features.count - from);
      // [D, pack]: what one pass needs of a feature lies together
      rows.fill(0);
      for (let r = 0; r < count; r++) {
        const start = (from + r) * width;
        for (let j = 0; j < width; j++) {
          const x = features.values[start + j]! - this.#shift[j]!;
          rows[j * pack + r] = x;
          this.#sum[j]! += x;
        }
      }
      addProducts(this.#products, rows, width);
    }
    this.#count += features.count;
  }

  /** Takes in all that `other` has counted. @throws ShapeError for another width */
  merge(other: Moments): void {
    const { width } = this;
    this.#requireWidth(other.width);
    if (!other.#shift) return;
    this.#shift ??= other.#shift.slice();
    const n = other.#count;
    const delta = other.#shift.map((value, j) => value - this.#shift![j]!);
    // Σ (y + δ)(y + δ)ᵀ = Σ y yᵀ + s δᵀ + δ sᵀ + n δ δᵀ
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        const at = i * width + j;
        this.#products[at]! +=
          other.#products[at]! +
          other.#sum[i]! * delta[j]! +
          delta[i]! * (other.#sum[j]! + n * delta[j]!);
      }
    }
    for (let j = 0; j < width; j++) this.#sum[j]! += other.#sum[j]! + n * delta[j]!;
    this.#count += n;
  }

  /** @throws DataError for fewer than 2 rows: one row has no covariance. */
  statistics(): FeatureStatistics {
    const { width } = this;
    const n = this.#count;
    if (n < 2 || !this.#shift) {
      throw new DataError({ where: "Moments", expected: "at least 2 rows", got: `${n}` });
    }
    const offset = this.#sum.map((sum) => sum / n);
    const covariance = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        const value = (this.#products[i * width + j]! - this.#sum[i]! * offset[j]!) / (n - 1);
        covariance[i * width + j] = value;
        covariance[j * width + i] = value;
      }
    }
    const mean = offset.map((value, j) => value + this.#shift![j]!);
    return { count: n, mean, covariance };
  }

  #requireWidth(width: number): void {
    if (width === this.width) return;
    throw new ShapeError({
      where: "Moments",
      expected: `rows of ${this.width} values`,
      got: `${width}`,
    });
  }
}

/** The statistics of rows that are in memory. @throws as `Moments` */
export function statisticsOf(features: Features): FeatureStatistics {
  const moments = new Moments(features.width);
  moments.add(features);
  return moments.statistics();
}

function addProducts(products: Float64Array, rows: Float64Array, width: number): void {
  for (let i = 0; i < width; i++) {
    const a = i * pack;
    const [x0, x1, x2, x3] = [rows[a]!, rows[a + 1]!, rows[a + 2]!, rows[a + 3]!];
    const [x4, x5, x6, x7] = [rows[a + 4]!, rows[a + 5]!, rows[a + 6]!, rows[a + 7]!];
    const start = i * width;
    for (let j = 0, b = 0; j <= i; j++, b += pack) {
      products[start + j]! +=
        x0 * rows[b]! +
        x1 * rows[b + 1]! +
        x2 * rows[b + 2]! +
        x3 * rows[b + 3]! +
        (x4 * rows[b + 4]! + x5 * rows[b + 5]! + x6 * rows[b + 6]! + x7 * rows[b + 7]!);
    }
  }
}
