import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "./blocks.ts";

const decays = (path: string) => path.startsWith("w");
const sizes = fc.dictionary(fc.stringMatching(/^[wb][a-z]{1,4}$/), fc.integer({ min: 1, max: 40 }));

describe("layOut", () => {
  it("gives every parameter and every block a place of its own, without gaps", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), (record, blockLength) => {
        const { length, places, blocks } = layOut(
          new Map(Object.entries(record)),
          decays,
          blockLength,
        );
        const total = Object.values(record).reduce((a, b) => a + b, 0);
        expect(length).toBe(total);
        for (const stretches of [[...places.values()], blocks]) {
          let end = 0;
          for (const stretch of [...stretches].sort((a, b) => a.offset - b.offset)) {
            expect(stretch.offset).toBe(end);
            end += stretch.length;
          }
          expect(end).toBe(total);
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
        ["w2", 4],
      ]),
      decays,
      4,
    );
    for (const [path, { offset, length }] of places) {
      for (let i = offset; i < offset + length; i++) {
        const block = blocks.find((one) => i >= one.offset && i < one.offset + one.length)!;
        expect(block.decays).toBe(decays(path));
      }
    }
    expect(blocks.map(({ length }) => length)).toEqual([4, 4, 1, 3]);
  });
});
