import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

describe("symmetricEigenvalues", () => {
  it("finds those of small matrices", () => {
    expect([...symmetricEigenvalues(new Float64Array(0), 0)]).toEqual([]);
    expect([...symmetricEigenvalues(Float64Array.of(-3), 1)]).toEqual([-3]);
    const [low, high] = symmetricEigenvalues(Float64Array.of(2, 0, 1, 2), 2);
    expect(low).toBeCloseTo(1, 14);
    expect(high).toBeCloseTo(3, 14);
  });

  it("finds those of the second difference: 2 − 2 cos(kπ / (n + 1))", () => {
    const n = 60;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      matrix[i * n + i] = 2;
      if (i > 0) matrix[i * n + i - 1] = -1;
    }
    symmetricEigenvalues(matrix, n).forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    });
  });

  it("agrees with Jacobi's rotations", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer());
    const property = fc.property(sizes, ([n, seed]) => {
      const matrix = symmetric(n, seed);
      const expected = jacobi(matrix, n);
      symmetricEigenvalues(matrix.slice(), n).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-12 * n);
      });
    });
    fc.assert(property, { seed: 4, numRuns: 60 });
  });

  it("keeps trace and Frobenius norm of larger ones", () => {
    const n = 200;
    const matrix = symmetric(n, 5);
    const values = symmetricEigenvalues(matrix.slice(), n);
    const trace = values.reduce((sum, _, i) => sum + matrix[i * n + i]!, 0);
    const squares = matrix.reduce((sum, value) => sum + value ** 2, 0);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 10);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / squares).toBeCloseTo(1, 12);
  });

  it("takes multiple, zero, huge and tiny values", () => {
    const ones = new Float64Array(100).fill(1);
    const values = symmetricEigenvalues(ones, 10);
    for (const value of values.subarray(0, 9)) expect(value).toBeCloseTo(0, 13);
    expect(values[9]).toBeCloseTo(10, 13);
    expect([...symmetricEigenvalues(new Float64Array(16), 4)]).toEqual([0, 0, 0, 0]);
    for (const scale of [1e-160, 1e150]) {
      const scaled = Float64Array.of(2, 0, 0, 1, 2, 0, 0, 1, 2).map((value) => value * scale);
      const [a, b, c] = symmetricEigenvalues(scaled, 3).map((value) => value / scale);
      expect(a).toBeCloseTo(2 - Math.SQRT2, 12);
      expect(b).toBeCloseTo(2, 12);
      expect(c).toBeCloseTo(2 + Math.SQRT2, 12);
    }
  });

  it("refuses what is not square or not finite", () => {
    expect(() => symmetricEigenvalues(new Float64Array(5), 2)).toThrow(ShapeError);
    const holed = symmetric(5, 1);
    holed[11] = Number.NaN;
    expect(() => symmetricEigenvalues(holed, 5)).toThrow(DataError);
  });
});

function symmetric(n: number, seed: number): Float64Array {
  const draws = random(seed);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      matrix[i * n + j] = draws.normal();
      matrix[j * n + i] = matrix[i * n + j]!;
    }
  }
  return matrix;
}

/** Cyclic Jacobi rotations: another algorithm for the same values. */
function jacobi(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  }
  return Float64Array.from({ length: n }, (_, i) => a[i * n + i]!).sort();
}

function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const angle = 0.5 * Math.atan2(2 * off, a[q * n + q]! - a[p * n + p]!);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
  }
}
