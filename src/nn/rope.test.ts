import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { ConfigError } from "../errors.ts";
import { constant } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { rotaryTables, rotate, rotationAt } from "./rope.ts";

const GRID = 5;
const SIZE = 8;
const PREFIX = 3;
const options = { height: GRID, width: GRID, size: SIZE, prefix: PREFIX };

/** One vector, turned as each position of the table turns it: [P + N, D]. */
async function turned(vector: Float32Array): Promise<number[][]> {
  const rows = PREFIX + GRID * GRID;
  const positions = constant(
    Int32Array.from({ length: rows }, (_, i) => i),
    [rows],
  );
  const same = Float32Array.from({ length: rows * SIZE }, (_, i) => vector[i % SIZE]!);
  const x = constant(same, [rows, SIZE]);
  const { y } = await evaluate({ y: rotate(x, rotationAt(options, positions)) });
  return Array.from({ length: rows }, (_, i) => y!.slice(i * SIZE, (i + 1) * SIZE));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
const vectors = { q: random(1, "q").normals(SIZE), k: random(1, "k").normals(SIZE) };
const queries = await turned(vectors.q);
const keys = await turned(vectors.k);
const place = (row: number, column: number) => PREFIX + row * GRID + column;

describe("rotary positions", () => {
  test("make queries and keys of the prefix zero, not what they were", () => {
    for (let i = 0; i < PREFIX; i++) {
      expect(queries[i]!.every((x) => x === 0)).toBe(true);
    }
  });

  test("keep lengths in the grid", () => {
    for (const query of queries.slice(PREFIX)) {
      expect(dot(query, query)).toBeCloseTo(dot(vectors.q, vectors.q), 4);
    }
  });

  test("of two cells count by their difference in rows and in columns alone", () => {
    const side = fc.integer({ min: 0, max: GRID - 2 });
    const property = fc.property(side, side, side, side, (r1, c1, r2, c2) => {
      const here = dot(queries[place(r1, c1)]!, keys[place(r2, c2)]!);
      const shifted = dot(queries[place(r1 + 1, c1 + 1)]!, keys[place(r2 + 1, c2 + 1)]!);
      expect(shifted).toBeCloseTo(here, 4);
    });
    fc.assert(property, { seed: 4, numRuns: 60 });
  });

  test("turn neighbours as pairs, by the row first and then by the column", () => {
    const { cosines, sines } = rotaryTables({ height: 2, width: 2, size: 4, prefix: 0 });
    // cells (1, 0) and (0, 1): the angle 1 of the only frequency
    const [c, s] = [Math.cos(1), Math.sin(1)];
    const row = (table: Float32Array, cell: number) => [...table.slice(4 * cell, 4 * cell + 4)];
    const close = (wanted: number[]) => wanted.map((x) => expect.closeTo(x, 6));
    expect(row(cosines, 2)).toEqual(close([c, c, 1, 1]));
    expect(row(sines, 2)).toEqual(close([-s, s, 0, 0]));
    expect(row(cosines, 1)).toEqual(close([1, 1, c, c]));
    expect(row(sines, 1)).toEqual(close([0, 0, -s, s]));
  });

  test("need heads of pairs for rows and for columns", () => {
    expect(() => rotaryTables({ ...options, size: 6 })).toThrow(ConfigError);
  });
});
