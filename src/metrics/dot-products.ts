/**
 * Dot products of many rows with many rows: the inner loop of kernels, neighbours and matrix products.
 *
 * Every product adds its terms one after the other from the first on, whatever block it falls into:
 * equal rows give equal sums to the bit, so that a point is at distance 0 of its copy.
 */

import type { Features } from "./features.ts";

/** Rows to multiply: `values` is [rows, width]. */
export interface Rows {
  readonly values: Float64Array;
  readonly rows: number;
  readonly width: number;
}

/** The rows `from` … `to` − 1 of a set in double precision, with `shift` taken from each if given. */
export function rowBlock(features: Features, from: number, to: number, shift?: Float64Array): Rows {
  const { width } = features;
  const values = Float64Array.from(features.values.subarray(from * width, to * width));
  if (shift) for (let i = 0; i < values.length; i++) values[i]! -= shift[i % width]!;
  return { values, rows: to - from, width };
}

/** Where products go, and from which term on they are added. */
export interface ProductPlace {
  readonly stride?: number;
  readonly offset?: number;
  readonly first?: number;
}

/**
 * out[i, j] = Σₖ a[i, k] · b[j, k] over `first` ≤ k < width.
 *
 * @param out row-major, row i begins at `offset` + i · `stride`.
 */
export function dotProducts(
  a: Rows,
  b: Rows,
  out: Float64Array,
  { stride = b.rows, offset = 0, first = 0 }: ProductPlace = {},
): void {
  const { width } = a;
  for (let i = 0; i < a.rows; i += 4) {
    for (let j = 0; j < b.rows; j += 4) {
      const at = offset + i * stride + j;
      if (i + 4 <= a.rows && j + 4 <= b.rows) {
        tile(a.values, i * width, b.values, j * width, width, first, out, at, stride);
      } else {
        const [rows, columns] = [Math.min(4, a.rows - i), Math.min(4, b.rows - j)];
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            out[at + r * stride + c] = dot(
              a.values,
              (i + r) * width,
              b.values,
              (j + c) * width,
              width,
              first,
            );
          }
        }
      }
    }
  }
}

/** Squared lengths of rows, each added up as in `dotProducts`. */
export function squaredLengths({ values, rows, width }: Rows): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) =>
    dot(values, i * width, values, i * width, width, 0),
  );
}

function dot(
  a: Float64Array,
  fromA: number,
  b: Float64Array,
  fromB: number,
  width: number,
  first: number,
): number {
  let sum = 0;
  for (let k = first; k < width; k++) sum += a[fromA + k]! * b[fromB + k]!;
  return sum;
}

/** Sixteen products at once: every value that is loaded serves four of them. */
function tile(
  a: Float64Array,
  a0: number,
  b: Float64Array,
  b0: number,
  width: number,
  first: number,
  out: Float64Array,
  at: number,
  stride: number,
): void {
  const [a1, a2, a3] = [a0 + width, a0 + 2 * width, a0 + 3 * width];
  const [b1, b2, b3] = [b0 + width, b0 + 2 * width, b0 + 3 * width];
  // biome-ignore format: a matrix of sums
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0,
      s10 = 0, s11 = 0, s12 = 0, s13 = 0,
      s20 = 0, s21 = 0, s22 = 0, s23 = 0,
      s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (let k = first; k < width; k++) {
    const x0 = a[a0 + k]!;
    const x1 = a[a1 + k]!;
    const x2 = a[a2 + k]!;
    const x3 = a[a3 + k]!;
    let y = b[b0 + k]!;
    s00 += x0 * y;
    s10 += x1 * y;
    s20 += x2 * y;
    s30 += x3 * y;
    y = b[b1 + k]!;
    s01 += x0 * y;
    s11 += x1 * y;
    s21 += x2 * y;
    s31 += x3 * y;
    y = b[b2 + k]!;
    s02 += x0 * y;
    s12 += x1 * y;
    s22 += x2 * y;
    s32 += x3 * y;
    y = b[b3 + k]!;
    s03 += x0 * y;
    s13 += x1 * y;
    s23 += x2 * y;
    s33 += x3 * y;
  }
  out[at] = s00;
  out[at + 1] = s01;
  out[at + 2] = s02;
  out[at + 3] = s03;
  out[at + stride] = s10;
  out[at + stride + 1] = s11;
  out[at + stride + 2] = s12;
  out[at + stride + 3] = s13;
  out[at + 2 * stride] = s20;
  out[at + 2 * stride + 1] = s21;
  out[at + 2 * stride + 2] = s22;
  out[at + 2 * stride + 3] = s23;
  out[at + 3 * stride] = s30;
  out[at + 3 * stride + 1] = s31;
  out[at + 3 * stride + 2] = s32;
  out[at + 3 * stride + 3] = s33;
}
