import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { type Features, featuresOf } from "./features.ts";
import { frechetDistance, traceOfRoot } from "./frechet.ts";
import { type FeatureStatistics, statisticsOf } from "./moments.ts";

describe("frechetDistance of given Gaussians", () => {
  it("matches the sheet's two-dimensional case", () => {
    const { distance, rootTrace } = frechetDistance(
      gaussian([0.5, -1], [2, 0.5, 0.5, 1]),
      gaussian([0, 0], [1, -0.3, -0.3, 2]),
    );
    expect(distance).toBeCloseTo(1.8254258933, 10);
    expect(rootTrace).toBeCloseTo(2.7122870533, 10);
  });

  it("is Σ (√a − √b)² and the shift for diagonal covariances", () => {
    const { distance, means, traces } = frechetDistance(
      gaussian([1, 0, 0], [1, 0, 0, 0, 4, 0, 0, 0, 9]),
      gaussian([0, 0, 0], [4, 0, 0, 0, 1, 0, 0, 0, 9]),
    );
    expect(distance).toBeCloseTo(3, 12);
    expect(means).toBe(1);
    expect(traces).toBe(28);
  });

  it("takes dead features and covariances of zeros", () => {
    const flat = gaussian([1, 2], [0, 0, 0, 0]);
    expect(frechetDistance(flat, gaussian([1, 0], [0, 0, 0, 3])).distance).toBe(7);
    expect(frechetDistance(gaussian([0, 0], [4, 0, 0, 0]), flat).distance).toBe(9);
  });

  it("refuses other widths and values that are not finite", () => {
    const one = gaussian([0], [1]);
    expect(() => frechetDistance(one, gaussian([0, 0], [1, 0, 0, 1]))).toThrow(ShapeError);
    expect(() => frechetDistance(one, gaussian([Number.NaN], [1]))).toThrow(DataError);
    expect(() => frechetDistance(gaussian([0], [-1]), one)).toThrow(DataError);
  });
});

describe("frechetDistance of samples", () => {
  it("equals a direct double-precision computation by the root of the product", () => {
    for (const [seed, width] of [
      [1, 3],
      [2, 8],
      [3, 17],
    ] as const) {
      const a = statisticsOf(mixed(seed, 300, width, 0));
      const b = statisticsOf(mixed(seed + 10, 260, width, 0.7));
      const root = matrixRoot(product(a.covariance, b.covariance, width), width);
      let expected = 0;
      for (let i = 0; i < width; i++) {
        const at = i * width + i;
        expected += (a.mean[i]! - b.mean[i]!) ** 2;
        expected += a.covariance[at]! + b.covariance[at]! - 2 * root[at]!;
      }
      expect(Math.abs(frechetDistance(a, b).distance - expected)).toBeLessThan(1e-8);
    }
  });

  it("matches the theory for N(0, I) against N(m, I) within its sampling error", () => {
    const [width, count, shift] = [8, 4000, 0.5];
    const distances = Array.from({ length: 6 }, (_, trial) => {
      const a = normalFeatures(`a${trial}`, count, width, 0);
      const b = normalFeatures(`b${trial}`, count, width, shift);
      return frechetDistance(statisticsOf(a), statisticsOf(b)).distance;
    });
    const square = width * shift ** 2;
    // means add 2 D / N, covariances ¼ E‖S₁ − S₂‖² = D (D + 1) / (2 (N − 1))
    const expected = square + (2 * width) / count + (width * (width + 1)) / (2 * (count - 1));
    // the shift is known up to √(2 / N), in its own direction
    const error = (2 * Math.sqrt(square) * Math.sqrt(2 / count)) / Math.sqrt(distances.length);
    const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length;
    expect(Math.abs(mean - expected)).toBeLessThan(3 * error);
  });

  it("has a bias in 1 / N", () => {
    const width = 8;
    const bias = (count: number) => {
      const trials = Array.from({ length: 8 }, (_, trial) => {
        const [a, b] = [`a${trial}`, `b${trial}`].map((name) =>
          statisticsOf(normalFeatures(name, count, width, 0)),
        );
        return frechetDistance(a!, b!).distance;
      });
      return trials.reduce((sum, value) => sum + value, 0) / trials.length;
    };
    const expected = (count: number) =>
      (2 * width) / count + (width * (width + 1)) / (2 * (count - 1));
    for (const count of [500, 2000]) {
      expect(bias(count) / expected(count)).toBeGreaterThan(0.8);
      expect(bias(count) / expected(count)).toBeLessThan(1.2);
    }
  });

  it("is 0 for equal sets, symmetric, and never below 0 by more than rounding", () => {
    const sets = fc.record({
      width: fc.integer({ min: 1, max: 20 }),
      // fewer rows than features: both covariances are singular
      counts: fc.tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 40 })),
      seed: fc.integer(),
    });
    const property = fc.property(sets, ({ width, counts, seed }) => {
      const a = statisticsOf(mixed(seed, counts[0], width, 0));
      const b = statisticsOf(mixed(seed + 1, counts[1], width, 0.2));
      const there = frechetDistance(a, b);
      const back = frechetDistance(b, a);
      expect(Math.abs(there.distance - back.distance)).toBeLessThan(1e-6 * there.traces);
      expect(there.distance).toBeGreaterThan(-1e-6 * there.traces);
      expect(Math.abs(frechetDistance(a, a).distance)).toBeLessThan(1e-6 * there.traces);
    });
    fc.assert(property, { seed: 21, numRuns: 60 });
  });

  it("grows by the square of a scale and ignores a common rotation", () => {
    const a = mixed(5, 200, 4, 0);
    const b = mixed(6, 200, 4, 0.5);
    const distance = (change: (set: Features) => Features) =>
      frechetDistance(statisticsOf(change(a)), statisticsOf(change(b))).distance;
    const plain = distance((set) => set);
    expect(distance((set) => mapValues(set, (value) => 3 * value)) / plain).toBeCloseTo(9, 5);
    expect(distance(rotated) / plain).toBeCloseTo(1, 6);
  });

  it("equals the nuclear norm of the centred features where rows are few", () => {
    const [a, b] = [mixed(7, 6, 30, 0), mixed(8, 9, 30, 0.3)];
    const [s, t] = [statisticsOf(a), statisticsOf(b)];
    const [x, y] = [centred(a), centred(b)];
    // singular values of X Yᵀ are the roots of those of (X Yᵀ)(X Yᵀ)ᵀ, here by the direct root
    const across = Float64Array.from({ length: 6 * 9 }, (_, i) =>
      dotRows(x, Math.floor(i / 9), y, i % 9, 30),
    );
    const gram = Float64Array.from({ length: 36 }, (_, i) =>
      dotRows(across, Math.floor(i / 6), across, i % 6, 9),
    );
    // centred rows sum to 0, so that one singular value is 0: lift it for the iteration, then take it off
    const lift = 1e4;
    const lifted = gram.map((value) => value + lift / 6);
    const root = matrixRoot(lifted, 6);
    const trace = [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + root[i * 7]!, 0) - Math.sqrt(lift);
    const expected = trace / Math.sqrt(5 * 8);
    expect(traceOfRoot(s.covariance, t.covariance, 30)).toBeCloseTo(expected, 7);
  });
});

function gaussian(mean: number[], covariance: number[]): FeatureStatistics {
  return {
    count: null,
    mean: Float64Array.from(mean),
    covariance: Float64Array.from(covariance),
  };
}

function normalFeatures(seed: string, count: number, width: number, shift: number): Features {
  const values = random(seed, "normal").normals(count * width);
  return featuresOf(
    values.map((value) => value + shift),
    width,
  );
}

/** Normal rows with correlated values of different sizes. */
function mixed(seed: number, count: number, width: number, shift: number): Features {
  const noise = random(seed, "mixed").normals(count * width);
  const values = Float64Array.from(noise, (value, i) => {
    const j = i % width;
    const before = j > 0 ? noise[i - 1]! : 0;
    return (value + 0.6 * before) * (1 + (j % 3)) + shift;
  });
  return featuresOf(values, width);
}

function mapValues(features: Features, change: (value: number) => number): Features {
  return featuresOf(Float64Array.from(features.values, change), features.width);
}

/** Turns the first two values of every row by one radian. */
function rotated(features: Features): Features {
  const values = Float64Array.from(features.values);
  for (let i = 0; i < values.length; i += features.width) {
    const [x, y] = [values[i]!, values[i + 1]!];
    values[i] = Math.cos(1) * x - Math.sin(1) * y;
    values[i + 1] = Math.sin(1) * x + Math.cos(1) * y;
  }
  return featuresOf(values, features.width);
}

function centred({ values, width, count }: Features): Float64Array {
  const result = Float64Array.from(values);
  for (let j = 0; j < width; j++) {
    let mean = 0;
    for (let i = 0; i < count; i++) mean += result[i * width + j]! / count;
    for (let i = 0; i < count; i++) result[i * width + j]! -= mean;
  }
  return result;
}

function dotRows(a: Float64Array, i: number, b: Float64Array, j: number, width: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += a[i * width + k]! * b[j * width + k]!;
  return sum;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * n + j]!;
    return sum;
  });
}

/** Principal square root of a matrix, symmetric or not, by Denman and Beavers' iteration. */
function matrixRoot(a: Float64Array, n: number): Float64Array {
  let y = a;
  let z = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  for (let step = 0; step < 40; step++) {
    const [inverseY, inverseZ] = [inverse(y, n), inverse(z, n)];
    y = y.map((value, i) => (value + inverseZ[i]!) / 2);
    z = z.map((value, i) => (value + inverseY[i]!) / 2);
  }
  return y;
}

/** Gauss-Jordan elimination with row pivots. */
function inverse(matrix: Float64Array, n: number): Float64Array {
  const rows = Array.from({ length: n }, (_, i) => [
    ...matrix.subarray(i * n, i * n + n),
    ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
  ]);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(rows[i]![k]!) > Math.abs(rows[best]![k]!)) best = i;
    }
    [rows[k], rows[best]] = [rows[best]!, rows[k]!];
    const pivot = rows[k]!.map((value) => value / rows[k]![k]!);
    rows[k] = pivot;
    for (let i = 0; i < n; i++) {
      const factor = rows[i]![k]!;
      if (i !== k) rows[i] = rows[i]!.map((value, j) => value - factor * pivot[j]!);
    }
  }
  return Float64Array.from(rows.flatMap((row) => row.slice(n)));
}
