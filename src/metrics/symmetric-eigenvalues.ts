/**
 * Eigenvalues of real symmetric matrices in double precision.
 *
 * Householder reflections to tridiagonal form, then the implicit QL iteration (Wilkinson & Reinsch
 * 1971, II/2 and II/4; EISPACK's `tred1` and `imtql1`). Eigenvectors are not needed anywhere.
 */

import { DataError, ShapeError } from "../errors.ts";

/**
 * All eigenvalues, ascending.
 *
 * Cost: (4/3)·n³ operations; the matrix is read and written once per column.
 *
 * @param matrix [n, n] row-major; only its lower triangle is read, and it is destroyed.
 * @throws ShapeError if it is not square, DataError if the iteration does not converge, which
 *   happens for values that are not finite.
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  if (matrix.length !== n * n) {
    throw new ShapeError({
      where: "symmetricEigenvalues",
      expected: `${n}x${n} = ${n * n} values`,
      got: `${matrix.length}`,
    });
  }
  const { diagonal, below } = tridiagonalise(matrix, n);
  return tridiagonalEigenvalues(diagonal, below);
}

/** A symmetric tridiagonal matrix: `below[i]` stands beside `diagonal[i]` and `diagonal[i + 1]`. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
}

/**
 * Removes the rows from the last to the third. Each removal is A ← A − v wᵀ − w vᵀ, which is applied
 * in the same sweep that multiplies the result with the next v: one pass over the triangle per row.
 */
function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const below = new Float64Array(Math.max(n - 1, 0));
  let v = new Float64Array(n);
  let w = new Float64Array(n);
  let nextV = new Float64Array(n);
  let nextW = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    const row = a.subarray(k * n, k * n + k + 1);
    for (let j = 0; j <= k; j++) row[j]! -= v[k]! * w[j]! + w[k]! * v[j]!;
    diagonal[k] = row[k]!;
    if (k === 0) break;
    const { alpha, scale } = reflector(row, k, nextV);
    below[k - 1] = alpha;
    nextW.fill(0, 0, k);
    for (let i = 0; i < k; i++) sweepRow(a, i * n, i, v, w, nextV, nextW);
    // w = β A v − (β² / 2)(vᵀ A v) v, with β = 2 / vᵀv
    let inner = 0;
    for (let i = 0; i < k; i++) {
      nextW[i]! *= scale;
      inner += nextW[i]! * nextV[i]!;
    }
    const share = (scale / 2) * inner;
    for (let i = 0; i < k; i++) nextW[i]! -= share * nextV[i]!;
    [v, nextV] = [nextV, v];
    [w, nextW] = [nextW, w];
  }
  return { diagonal, below };
}

/**
 * The reflection that turns the first `k` values of `row` into (0, …, 0, alpha).
 *
 * @param v receives its vector; `scale` is 2 / vᵀv, or 0 if nothing has to be done.
 */
function reflector(
  row: Float64Array,
  k: number,
  v: Float64Array,
): { alpha: number; scale: number } {
  let largest = 0;
  for (let j = 0; j < k - 1; j++) largest = Math.max(largest, Math.abs(row[j]!));
  const last = row[k - 1]!;
  if (largest === 0) {
    v.fill(0, 0, k);
    return { alpha: last, scale: 0 };
  }
  // squares of tiny values would vanish
  const unit = Math.max(largest, Math.abs(last));
  let sum = 0;
  for (let j = 0; j < k; j++) {
    const x = row[j]! / unit;
    v[j] = x;
    sum += x * x;
  }
  const length = last > 0 ? -Math.sqrt(sum) : Math.sqrt(sum);
  v[k - 1]! -= length;
  // vᵀv = 2 (‖x‖² − x_last · length)
  const scale = 1 / (sum - (last / unit) * length);
  return { alpha: length * unit, scale };
}

/** Updates row i up to its diagonal, and adds its share of A v to `product`. */
function sweepRow(
  a: Float64Array,
  start: number,
  i: number,
  oldV: Float64Array,
  oldW: Float64Array,
  v: Float64Array,
  product: Float64Array,
): void {
  const [vi, wi, xi] = [oldV[i]!, oldW[i]!, v[i]!];
  let sum = 0;
  for (let j = 0; j < i; j++) {
    const value = a[start + j]! - vi * oldW[j]! - wi * oldV[j]!;
    a[start + j] = value;
    sum += value * v[j]!;
    product[j]! += value * xi;
  }
  const diagonal = a[start + i]! - 2 * vi * wi;
  a[start + i] = diagonal;
  product[i]! += sum + diagonal * xi;
}

function tridiagonalEigenvalues(d: Float64Array, below: Float64Array): Float64Array {
  const n = d.length;
  const e = new Float64Array(n);
  e.set(below);
  for (let l = 0; l < n; l++) {
    for (let tries = 0; ; tries++) {
      const m = negligible(d, e, l);
      if (m === l) break;
      // the bound of EISPACK is 30; a value that is not finite never becomes negligible
      if (tries === 60) {
        throw new DataError({
          where: "symmetricEigenvalues",
          expected: "a finite symmetric matrix",
          got: "one whose eigenvalues do not converge",
        });
      }
      implicitStep(d, e, l, m);
    }
  }
  return d.sort();
}

/** The first position from `l` on whose value below the diagonal is lost in rounding. */
function negligible(d: Float64Array, e: Float64Array, l: number): number {
  let m = l;
  for (; m < d.length - 1; m++) {
    const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
    if (Math.abs(e[m]!) <= Number.EPSILON * size) break;
  }
  return m;
}

/** One QL step with Wilkinson's shift on the block l … m. */
function implicitStep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // the block has fallen apart: go on with its upper half
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}
