import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, DataError } from "../errors.ts";
import { random } from "../random/random.ts";
import { type Features, featuresOf } from "./features.ts";
import { neighbourRadii, precisionRecall } from "./precision-recall.ts";

const normal = (seed: number, count: number, width: number, shift = 0, scale = 1): Features =>
  featuresOf(
    random(seed, "normal")
      .normals(count * width)
      .map((value) => value * scale + shift),
    width,
  );

describe("neighbourRadii", () => {
  it("does not count the point itself", () => {
    const line = featuresOf(Float64Array.of(0, 1, 3, 7), 1);
    expect([...neighbourRadii(line, 1)]).toEqual([1, 1, 4, 16]);
    expect([...neighbourRadii(line, 3)]).toEqual([49, 36, 16, 49]);
  });

  it("is 0 where a point has enough copies, to the bit", () => {
    const row = random(2).normals(50);
    const copies = featuresOf(
      Float32Array.of(...row, ...row, ...row, ...random(3).normals(50)),
      50,
    );
    const radii = neighbourRadii(copies, 2);
    expect([...radii.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(radii[3]).toBeGreaterThan(0);
  });
});

describe("precisionRecall", () => {
  it("equals its definition computed point by point", () => {
    const sets = fc.record({
      counts: fc.tuple(fc.integer({ min: 5, max: 150 }), fc.integer({ min: 5, max: 90 })),
      neighbours: fc.integer({ min: 1, max: 4 }),
      seed: fc.integer(),
    });
    const property = fc.property(sets, ({ counts, neighbours, seed }) => {
      const [a, b] = [normal(seed, counts[0], 3, 0.5), normal(seed + 1, counts[1], 3)];
      const found = precisionRecall(a, b, { neighbours });
      expect(found.precision).toBe(shareInside(a, b, neighbours));
      expect(found.recall).toBe(shareInside(b, a, neighbours));
    });
    fc.assert(property, { seed: 5, numRuns: 25 });
  });

  it("is 1 and 1 for equal sets, also with copies in them", () => {
    const set = normal(4, 70, 6);
    expect(precisionRecall(set, set)).toEqual({ precision: 1, recall: 1 });
    const doubled = featuresOf(Float32Array.of(...set.values, ...set.values), 6);
    expect(precisionRecall(doubled, doubled)).toEqual({ precision: 1, recall: 1 });
  });

  it("swaps with the roles", () => {
    const [a, b] = [normal(6, 80, 4, 0.5), normal(7, 60, 4)];
    const there = precisionRecall(a, b);
    const back = precisionRecall(b, a);
    expect([back.precision, back.recall]).toEqual([there.recall, there.precision]);
  });

  it("tells missing modes from noise", () => {
    const modes = [0, 20, 40, 60];
    const join = (...sets: Features[]) =>
      featuresOf(Float32Array.from(sets.flatMap((set) => [...set.values])), 3);
    const reference = join(...modes.map((shift, i) => normal(10 + i, 50, 3, shift)));
    const all = join(...modes.map((shift, i) => normal(20 + i, 50, 3, shift)));
    const half = join(...modes.map((shift, i) => normal(20 + i, 50, 3, i < 2 ? shift : 0)));
    const noisy = join(all, normal(30, 100, 3, 500, 50));
    const plain = precisionRecall(all, reference);
    expect(plain.precision).toBeGreaterThan(0.7);
    expect(plain.recall).toBeGreaterThan(0.7);
    const dropped = precisionRecall(half, reference);
    expect(dropped.recall).toBeLessThan(0.55);
    expect(dropped.precision).toBeGreaterThan(0.7);
    const spoilt = precisionRecall(noisy, reference);
    expect(spoilt.precision).toBeCloseTo((plain.precision * 200) / 300, 10);
    expect(spoilt.recall).toBeGreaterThanOrEqual(plain.recall);
  });

  it("refuses sets without enough neighbours", () => {
    const set = normal(1, 3, 2);
    expect(() => precisionRecall(set, set)).toThrow(DataError);
    expect(() => precisionRecall(set, set, { neighbours: 0 })).toThrow(ConfigError);
  });
});

function shareInside(points: Features, balls: Features, neighbours: number): number {
  const distance = (a: Features, i: number, b: Features, j: number) => {
    let sum = 0;
    for (let k = 0; k < a.width; k++) {
      sum += (a.values[i * a.width + k]! - b.values[j * a.width + k]!) ** 2;
    }
    return sum;
  };
  const indices = (set: Features) => Array.from({ length: set.count }, (_, i) => i);
  const radii = indices(balls).map((i) => {
    const others = indices(balls).filter((j) => j !== i);
    return others.map((j) => distance(balls, i, balls, j)).sort((x, y) => x - y)[neighbours - 1]!;
  });
  const inside = indices(points).filter((i) =>
    indices(balls).some((j) => distance(points, i, balls, j) <= radii[j]!),
  );
  return inside.length / points.count;
}
