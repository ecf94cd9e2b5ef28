import { describe, expect, it } from "vitest";
import { ShapeError } from "../errors.ts";
import { blankPicture } from "../images/picture.ts";
import { meanPsnr, psnr, psnrOfValues } from "./psnr.ts";

describe("psnr", () => {
  it("is infinite for equal pictures and 20·log₁₀(255/d) for a constant difference d", () => {
    const grey = blankPicture(3, 3, [100, 100, 100]);
    expect(psnr(grey, grey)).toBe(Number.POSITIVE_INFINITY);
    // the sheet's values
    expect(psnr(grey, blankPicture(3, 3, [101, 101, 101]))).toBeCloseTo(48.1308, 4);
    expect(psnr(grey, blankPicture(3, 3, [110, 110, 110]))).toBeCloseTo(28.1308, 4);
    expect(psnr(grey, blankPicture(3, 3, [105, 105, 105]))).toBeCloseTo(20 * Math.log10(51), 10);
    expect(() => psnr(grey, blankPicture(3, 4))).toThrow("pictures of one size");
  });

  it("takes the range of the values", () => {
    const [a, b] = [Float32Array.of(-1, 0.5), Float32Array.of(-0.5, 0)];
    expect(psnrOfValues(a, b, 2)).toBeCloseTo(10 * Math.log10(4 / 0.25), 10);
    expect(psnrOfValues(a, b, 1)).toBeCloseTo(10 * Math.log10(1 / 0.25), 10);
    expect(() => psnrOfValues(a, Float32Array.of(1), 1)).toThrow(ShapeError);
    expect(() => psnrOfValues([], [], 1)).toThrow(ShapeError);
  });

  it("is averaged over pictures, equal ones counted apart", () => {
    expect(meanPsnr([20, 40, Number.POSITIVE_INFINITY])).toEqual({
      mean: 30,
      pictures: 3,
      equal: 1,
    });
    expect(meanPsnr([Number.POSITIVE_INFINITY]).mean).toBeNull();
  });
});
