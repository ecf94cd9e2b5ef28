import { describe, expect, it } from "vitest";
import { featuresOf, takeRows } from "../metrics/features.ts";
import { statisticsOf } from "../metrics/moments.ts";
import { random } from "../random/random.ts";
import { GroupedMoments, range } from "./grouped-moments.ts";

const width = 5;
const rows = featuresOf(random(1, "rows").normals(103 * width), width);

function grouped(pieces: readonly number[], groups = 8): GroupedMoments {
  const moments = new GroupedMoments({ width, groups, seed: 3 });
  let from = 0;
  for (const count of pieces) {
    moments.add(takeRows(rows, range(from, from + count)));
    from += count;
  }
  return moments;
}

describe("grouped moments", () => {
  it("add up to the statistics of one pass, however the rows came", () => {
    const whole = statisticsOf(rows);
    for (const pieces of [[103], [1, 2, 50, 50], new Array<number>(103).fill(1)]) {
      const { count, mean, covariance } = grouped(pieces).statistics();
      expect(count).toBe(103);
      mean.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.mean[i]!, 12);
      });
      covariance.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.covariance[i]!, 12);
      });
    }
  });

  it("deal rows evenly, and not by their places", () => {
    const moments = grouped([103]);
    const counts = Array.from(range(0, 8), (group) => moments.statistics([group]).count!);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    // a set whose kinds follow each other in turn keeps all of them in every group
    const kinds = new GroupedMoments({ width: 1, groups: 4, seed: 3 });
    kinds.add(
      featuresOf(
        Float64Array.from({ length: 400 }, (_, i) => i % 4),
        1,
      ),
    );
    for (const group of [0, 1, 2, 3]) {
      expect(kinds.statistics([group]).mean[0]).toBeGreaterThan(1.1);
      expect(kinds.statistics([group]).mean[0]).toBeLessThan(1.9);
    }
  });

  it("count a group twice that was drawn twice", () => {
    const moments = grouped([103]);
    const once = moments.statistics([2]);
    const twice = moments.statistics([2, 2]);
    expect(twice.count).toBe(2 * once.count!);
    expect(twice.mean[0]).toBeCloseTo(once.mean[0]!, 12);
  });
});
