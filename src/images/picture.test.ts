import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noisePicture } from "../../test/data/fixtures.ts";
import { ShapeError } from "../errors.ts";
import { blankPicture, fromPixels, toPixels } from "./picture.ts";

describe("toPixels and fromPixels", () => {
  it("gives back every byte of any pictures", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
        (width, height, count) => {
          const pictures = Array.from({ length: count }, (_, i) => noisePicture(i, width, height));
          expect(fromPixels(toPixels(pictures), { width, height })).toEqual(pictures);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it("gives back all 256 levels", () => {
    const data = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
    const levels = { width: 16, height: 16, data };
    expect(fromPixels(toPixels([levels]), levels)).toEqual([levels]);
  });

  it("puts channels before rows and columns, black at -1 and white at 1", () => {
    const data = Uint8Array.of(255, 0, 0, 0, 255, 255);
    expect([...toPixels([{ width: 2, height: 1, data }])]).toEqual([1, -1, -1, 1, -1, 1]);
  });

  it("clamps what lies outside and turns NaN into black", () => {
    const [picture] = fromPixels(Float32Array.of(-7, 3, Number.NaN), { width: 1, height: 1 });
    expect([...picture!.data]).toEqual([0, 255, 0]);
  });

  it("refuses pictures of different sizes, naming both", () => {
    expect(() => toPixels([blankPicture(2, 3), blankPicture(3, 2)])).toThrow(
      "toPixels: expected pictures of one size, 2x3 as the first, got 3x2 among them",
    );
    expect(() => toPixels([])).toThrow(ShapeError);
    expect(() => fromPixels(new Float32Array(5), { width: 1, height: 1 })).toThrow(
      "fromPixels: expected a multiple of 3·1·1 = 3 values, got 5",
    );
  });
});
