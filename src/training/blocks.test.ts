import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "./blocks.ts";

/** By first letter: weights decay, biases do not, matrices are Muon's. */
const ruleOf = (path: string) => ({ decays: !path.startsWith("b"), muon: path.startsWith("m") });
const sizes = fc.dictionary(
  fc.stringMatching(/^[wbm][a-z]{1,4}$/),
  fc.integer({ min: 1, max: 40 }),
);

const total = (lengths: Iterable<number>) => [...lengths].reduce((a, b) => a + b, 0);

describe("layOut", () => {
  it("gives every parameter and every block a place of its own, without gaps", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), (record, blockLength) => {
        const { length, places, blocks } = layOut(
          new Map(Object.entries(record)),
          ruleOf,
          blockLength,
        );
        const matrices = Object.keys(record).filter((path) => ruleOf(path).muon);
        const inBlocks = length - total(matrices.map((path) => record[path]!));
        expect(length).toBe(total(Object.values(record)));
        for (const [stretches, last] of [
          [[...places.values()], length],
          [blocks, inBlocks],
        ] as const) {
          let end = 0;
          for (const stretch of [...stretches].sort((a, b) => a.offset - b.offset)) {
            expect(stretch.offset).toBe(end);
            end += stretch.length;
          }
          expect(end).toBe(last);
        }
        for (const path of matrices) {
          expect(places.get(path)!.offset).toBeGreaterThanOrEqual(inBlocks);
        }
        expect(blocks.every((block) => block.length <= blockLength)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it("never puts numbers that decay and numbers that do not into one block", () => {
    const { places, blocks } = layOut(
      new Map([
        ["w1", 5],
        ["b1", 3],
        ["m1", 6],
        ["w2", 4],
      ]),
      ruleOf,
      4,
    );
    for (const [path, { offset, length }] of places) {
      if (path === "m1") continue;
      for (let i = offset; i < offset + length; i++) {
        const block = blocks.find((one) => i >= one.offset && i < one.offset + one.length)!;
        expect(block.decays).toBe(ruleOf(path).decays);
      }
    }
    expect(blocks.map(({ length }) => length)).toEqual([4, 4, 1, 3]);
    expect(places.get("m1")).toEqual({ offset: 12, length: 6 });
  });
});
