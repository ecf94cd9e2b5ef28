import { describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { type Features, featuresOf } from "./features.ts";
import { kernelDistance, unbiasedDiscrepancy } from "./kernel-distance.ts";

const normal = (seed: string, count: number, width: number, shift = 0): Features =>
  featuresOf(
    random(seed)
      .normals(count * width)
      .map((value) => value + shift),
    width,
  );

describe("unbiasedDiscrepancy", () => {
  it("equals the sums of its definition, over whole blocks and parts of them", () => {
    const [a, b] = [normal("a", 130, 5), normal("b", 67, 5, 0.4)];
    expect(unbiasedDiscrepancy(a, b)).toBeCloseTo(direct(a, b), 10);
  });

  it("is known for single values: rows 1, 1 against 0, 0", () => {
    const a = featuresOf(Float32Array.of(1, 1), 1);
    const b = featuresOf(Float32Array.of(0, 0), 1);
    // (1 + 1)³ + 1 − 2 · 1
    expect(unbiasedDiscrepancy(a, b)).toBe(7);
  });

  it("is about 0 on average for two halves of one distribution, and below 0 at times", () => {
    const values = Array.from({ length: 40 }, (_, i) =>
      unbiasedDiscrepancy(normal(`a${i}`, 60, 4), normal(`b${i}`, 60, 4)),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
    );
    expect(Math.abs(mean)).toBeLessThan((3 * deviation) / Math.sqrt(values.length));
    expect(Math.min(...values)).toBeLessThan(0);
  });
});

describe("kernelDistance", () => {
  const [a, b] = [normal("a", 120, 6), normal("b", 100, 6, 0.3)];

  it("is repeated by its seed, and another seed draws other subsets", () => {
    const options = { seed: 1, subsets: 5, subsetSize: 40 };
    const once = kernelDistance(a, b, options);
    expect(kernelDistance(a, b, options)).toEqual(once);
    expect(kernelDistance(a, b, { ...options, seed: 2 }).mean).not.toBe(once.mean);
  });

  it("is the discrepancy of the sets themselves when a subset takes all", () => {
    const [x, y] = [normal("x", 50, 3), normal("y", 50, 3, 1)];
    const { mean, deviation, values } = kernelDistance(x, y, {
      seed: 3,
      subsets: 3,
      subsetSize: 50,
    });
    expect(mean).toBeCloseTo(unbiasedDiscrepancy(x, y), 10);
    expect(deviation).toBeCloseTo(0, 10);
    expect(values).toHaveLength(3);
  });

  it("rises with the distance of the sets", () => {
    const at = (shift: number) =>
      kernelDistance(normal("s", 100, 6, shift), a, { seed: 1, subsets: 10, subsetSize: 60 }).mean;
    const ladder = [0, 0.3, 0.6, 1].map(at);
    expect(ladder).toEqual(ladder.toSorted((x, y) => x - y));
  });

  it("refuses sets smaller than a subset, and other widths", () => {
    expect(() => kernelDistance(a, b, { seed: 1 })).toThrow(DataError);
    expect(() => unbiasedDiscrepancy(a, normal("c", 10, 5))).toThrow(ShapeError);
  });
});

function direct(a: Features, b: Features): number {
  const row = ({ values, width }: Features, i: number) =>
    values.subarray(i * width, (i + 1) * width);
  const kernel = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    let sum = 0;
    for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!;
    return (sum / x.length + 1) ** 3;
  };
  const mean = (x: Features, y: Features) => {
    let [sum, pairs] = [0, 0];
    for (let i = 0; i < x.count; i++) {
      for (let j = 0; j < y.count; j++) {
        if (x === y && i === j) continue;
        sum += kernel(row(x, i), row(y, j));
        pairs++;
      }
    }
    return sum / pairs;
  };
  return mean(a, a) + mean(b, b) - 2 * mean(a, b);
}
