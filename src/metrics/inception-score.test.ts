import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, DataError, ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { featuresOf } from "./features.ts";
import { ClassPosteriors, inceptionScore } from "./inception-score.ts";

const classes = 8;
/** Logits that are certain of one class each. */
const certain = (labels: readonly number[]) =>
  featuresOf(
    Float32Array.from(labels.flatMap((label) => oneHot(label).map((value) => 200 * value))),
    classes,
  );
const oneHot = (label: number) => Array.from({ length: classes }, (_, i) => Number(i === label));

describe("inceptionScore", () => {
  it("is 1 when all posteriors are equal", () => {
    const row = random(1).normals(classes);
    const same = featuresOf(Float32Array.from([...row, ...row, ...row, ...row]), classes);
    expect(inceptionScore(same, { parts: 2 }).mean).toBeCloseTo(1, 12);
  });

  it("is the number of classes for certain posteriors spread evenly", () => {
    const labels = Array.from({ length: 64 }, (_, i) => i % classes);
    expect(inceptionScore(certain(labels), { parts: 4 }).mean).toBeCloseTo(classes, 9);
  });

  it("stays between 1 and the number of classes, and ignores a constant in a row", () => {
    const property = fc.property(fc.integer(), fc.double({ min: 0.1, max: 30 }), (seed, size) => {
      const logits = random(seed)
        .normals(20 * classes)
        .map((value) => value * size);
      const { mean } = inceptionScore(featuresOf(logits, classes), { parts: 1 });
      expect(mean).toBeGreaterThanOrEqual(1);
      expect(mean).toBeLessThanOrEqual(classes + 1e-9);
      const moved = Float64Array.from(logits, (value, i) => value + 50 * ((i / classes) | 0));
      expect(inceptionScore(featuresOf(moved, classes), { parts: 1 }).mean).toBeCloseTo(mean, 9);
    });
    fc.assert(property, { seed: 8, numRuns: 40 });
  });

  it("equals exp of the mean divergence, written out", () => {
    const values = random(3).normals(5 * classes);
    const rows = Array.from({ length: 5 }, (_, i) => {
      const exps = [...values.subarray(i * classes, (i + 1) * classes)].map(Math.exp);
      const sum = exps.reduce((total, value) => total + value, 0);
      return exps.map((value) => value / sum);
    });
    const mean = oneHot(0).map((_, c) => rows.reduce((sum, row) => sum + row[c]! / 5, 0));
    const divergence = rows.map((row) =>
      row.reduce((sum, p, c) => sum + p * Math.log(p / mean[c]!), 0),
    );
    const expected = Math.exp(divergence.reduce((sum, value) => sum + value / 5, 0));
    expect(inceptionScore(featuresOf(values, classes), { parts: 1 }).mean).toBeCloseTo(
      expected,
      12,
    );
  });

  it("falls when classes are missing", () => {
    const score = (present: number) => {
      const labels = Array.from({ length: 80 }, (_, i) => i % present);
      return inceptionScore(certain(labels), { parts: 1 }).mean;
    };
    expect([8, 6, 4, 1].map((present) => Math.round(score(present)))).toEqual([8, 6, 4, 1]);
  });

  it("cuts as the published codes do", () => {
    // sorted labels: parts in order see few classes each, shuffled ones see all
    const labels = Array.from({ length: 80 }, (_, i) => Math.floor(i / 10));
    const sorted = inceptionScore(certain(labels), { parts: 8 });
    expect(sorted.values.map(Math.round)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    const shuffled = inceptionScore(certain(labels), { parts: 4, shuffleSeed: 1 });
    expect(shuffled.mean).toBeGreaterThan(5);
    expect(inceptionScore(certain(labels), { parts: 4, shuffleSeed: 1 })).toEqual(shuffled);
    expect(inceptionScore(certain(labels), { rows: 30 }).values.map(Math.round)).toEqual([3, 3, 2]);
  });

  it("refuses parts that would be empty, and logits that are not finite", () => {
    expect(() => inceptionScore(certain([1, 2]), { parts: 3 })).toThrow(ConfigError);
    expect(() => inceptionScore(certain([]), { parts: 1 })).toThrow(DataError);
    const posteriors = new ClassPosteriors(3);
    expect(() => posteriors.add(certain([1]))).toThrow(ShapeError);
    expect(() => posteriors.score()).toThrow(DataError);
    expect(() => posteriors.add(featuresOf(Float32Array.of(0, Infinity, 0), 3))).toThrow(DataError);
  });
});
