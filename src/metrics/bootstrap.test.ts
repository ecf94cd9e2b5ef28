import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { random } from "../random/random.ts";
import { bootstrapInterval, bootstrapMean, quantile } from "./bootstrap.ts";

describe("bootstrapMean", () => {
  it("is a point for equal values, and repeated by its seed", () => {
    expect(bootstrapMean([3, 3, 3], { seed: 1 })).toMatchObject({ low: 3, high: 3, deviation: 0 });
    const values = random(1).normals(50);
    const once = bootstrapMean(values, { seed: 4 });
    expect(bootstrapMean(values, { seed: 4 })).toEqual(once);
    expect(bootstrapMean(values, { seed: 5 }).low).not.toBe(once.low);
  });

  it("has the standard error of a mean", () => {
    const values = random(2).normals(400);
    const { deviation, low, high } = bootstrapMean(values, { seed: 1, resamples: 600 });
    // 1 / √400, known to about 1 / √(2 · 600) from the resamples and as much from the values
    expect(deviation).toBeGreaterThan(0.04);
    expect(deviation).toBeLessThan(0.06);
    expect((high - low) / deviation).toBeGreaterThan(3.4);
    expect((high - low) / deviation).toBeLessThan(4.4);
  });

  it("covers the true mean about as often as it says", () => {
    const trials = 200;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const values = random("coverage", trial).normals(40);
      const { low, high } = bootstrapMean(values, { seed: trial, confidence: 0.8 });
      if (low <= 0 && high >= 0) covered++;
    }
    // 160 expected with a deviation of 5.7; the percentile interval is slightly short
    expect(covered).toBeGreaterThan(140);
    expect(covered).toBeLessThan(178);
  });
});

describe("bootstrapInterval", () => {
  it("draws from every set by itself, with replacement", () => {
    const seen = new Set<number>();
    bootstrapInterval(
      [3, 5],
      ([a, b]) => {
        expect([a!.length, b!.length]).toEqual([3, 5]);
        for (const row of b!) seen.add(row);
        return new Set(a).size;
      },
      { seed: 1, resamples: 50 },
    );
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("names all that is wrong", () => {
    expect(() => bootstrapInterval([0], () => 0, { seed: 1, resamples: 1, confidence: 1 })).toThrow(
      ConfigError,
    );
    expect(() =>
      bootstrapInterval([0], () => 0, { seed: 1, resamples: 1, confidence: 1 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: bootstrap: expected sets with rows, 2 resamples or more, a confidence between 0 and 1, got an empty set, 1 resamples, a confidence of 1]`,
    );
  });
});

it("a quantile lies between its neighbours", () => {
  expect(quantile([1, 2, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(quantile([1, 2, 4], 1)).toBe(4);
});
