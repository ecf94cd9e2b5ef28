import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { type Features, featuresOf, takeRows } from "./features.ts";
import { Moments, statisticsOf } from "./moments.ts";

describe("Moments", () => {
  it("counts with the divisor N − 1", () => {
    const { count, mean, covariance } = statisticsOf(
      featuresOf(Float64Array.of(1, 10, 3, 30, 5, 20), 2),
    );
    expect(count).toBe(3);
    expect([...mean]).toEqual([3, 20]);
    expect([...covariance]).toEqual([4, 10, 10, 100]);
  });

  it("equals one pass over all, however the rows were cut and merged", () => {
    const plan = fc.record({
      rows: fc.integer({ min: 2, max: 50 }),
      width: fc.integer({ min: 1, max: 9 }),
      shards: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }),
      seed: fc.integer(),
    });
    const property = fc.property(plan, ({ rows, width, shards, seed }) => {
      const features = featuresOf(random(seed).normals(rows * width), width);
      const whole = twoPass(features);
      const merged = new Moments(width);
      let from = 0;
      for (const length of [...shards, rows]) {
        const shard = new Moments(width);
        const to = Math.min(from + length, rows);
        shard.add(slice(features, from, to));
        merged.merge(shard);
        from = to;
      }
      const { count, mean, covariance } = merged.statistics();
      expect(count).toBe(rows);
      mean.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.mean[i]!, 12);
      });
      covariance.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.covariance[i]!, 12);
      });
    });
    fc.assert(property, { seed: 12, numRuns: 60 });
  });

  it("keeps its digits far from the origin", () => {
    const near = Float64Array.from(random(3).normals(400));
    const far = near.map((value) => value + 1e8);
    const expected = statisticsOf(featuresOf(near, 4)).covariance;
    statisticsOf(featuresOf(far, 4)).covariance.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-7);
    });
  });

  it("changes only by the divisor when every row comes twice", () => {
    const features = featuresOf(random(8).normals(60), 3);
    const once = statisticsOf(features);
    const both = new Moments(3);
    both.add(features);
    both.add(features);
    const twice = both.statistics();
    once.mean.forEach((value, i) => {
      expect(twice.mean[i]).toBeCloseTo(value, 14);
    });
    once.covariance.forEach((value, i) => {
      expect(twice.covariance[i]).toBeCloseTo((value * 2 * 19) / 39, 13);
    });
  });

  it("refuses other widths, single rows, and values that are not finite", () => {
    const moments = new Moments(2);
    expect(() => moments.add(featuresOf(new Float32Array(3), 3))).toThrow(ShapeError);
    expect(() => moments.merge(new Moments(3))).toThrow(ShapeError);
    expect(() => statisticsOf(featuresOf(Float32Array.of(1, 2), 2))).toThrow(DataError);
    expect(() =>
      moments.add(featuresOf(Float32Array.of(1, 2, Number.NaN, 4), 2)),
    ).toThrowErrorMatchingInlineSnapshot(
      `[DataError: Moments.add: expected finite features, got NaN in row 1. The extractor overflowed, or its weights are damaged]`,
    );
  });
});

function slice(features: Features, from: number, to: number): Features {
  return takeRows(
    features,
    Array.from({ length: to - from }, (_, i) => from + i),
  );
}

function twoPass({ count, width, values }: Features): { mean: number[]; covariance: number[] } {
  const column = (j: number) => Array.from({ length: count }, (_, i) => values[i * width + j]!);
  const columns = Array.from({ length: width }, (_, j) => column(j));
  const mean = columns.map((all) => all.reduce((sum, value) => sum + value, 0) / count);
  const covariance = columns.flatMap((a, i) =>
    columns.map((b, j) => {
      const products = a.map((value, row) => (value - mean[i]!) * (b[row]! - mean[j]!));
      return products.reduce((sum, value) => sum + value, 0) / (count - 1);
    }),
  );
  return { mean, covariance };
}
