import { describe, expect, it } from "vitest";
import { featuresOf, takeRows } from "../metrics/features.ts";
import { random } from "../random/random.ts";
import { range } from "./grouped-moments.ts";
import { NearestRows } from "./neighbours.ts";

const width = 4;
const queries = featuresOf(random(1, "queries").normals(70 * width), width);
const rows = featuresOf(random(1, "rows").normals(150 * width), width);

function distance(query: number, row: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) {
    sum += (queries.values[query * width + k]! - rows.values[row * width + k]!) ** 2;
  }
  return Math.sqrt(sum);
}

describe("nearest rows", () => {
  it("are those of a search by hand, in whatever pieces the rows come", () => {
    const nearest = new NearestRows(queries, 3);
    for (const [from, to] of [
      [0, 1],
      [1, 130],
      [130, 150],
    ] as const) {
      nearest.add(takeRows(rows, range(from, to)));
    }
    for (const [query, found] of nearest.found.entries()) {
      const order = [...range(0, rows.count)].sort(
        (a, b) => distance(query, a) - distance(query, b),
      );
      expect(found.map(({ index }) => index)).toEqual(order.slice(0, 3));
      expect(found[0]!.distance).toBeCloseTo(distance(query, order[0]!), 10);
    }
  });

  it("lie at distance 0 of themselves, and are fewer where there are no more", () => {
    const nearest = new NearestRows(takeRows(rows, [7]), 3);
    nearest.add(takeRows(rows, [7, 9]));
    expect(nearest.found[0]).toHaveLength(2);
    expect(nearest.found[0]![0]).toEqual({ index: 0, distance: 0 });
  });
});
