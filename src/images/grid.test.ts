import { describe, expect, it } from "vitest";
import { noisePicture } from "../../test/data/fixtures.ts";
import { ConfigError } from "../errors.ts";
import { enlarge, grid, strip } from "./grid.ts";
import { blankPicture, type Colour, type Picture } from "./picture.ts";

const at = ({ data, width }: Picture, x: number, y: number): number[] => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

const red: Colour = [255, 0, 0];
const blue: Colour = [0, 0, 255];

describe("grid", () => {
  it("places pictures row by row with gaps of the background", () => {
    const pictures = [blankPicture(2, 2, red), blankPicture(2, 2, blue), blankPicture(2, 2, red)];
    const sheet = grid(pictures, { columns: 2, gap: 1, background: [0, 0, 0] });
    expect([sheet.width, sheet.height]).toEqual([7, 7]);
    expect(at(sheet, 1, 1)).toEqual(red);
    expect(at(sheet, 4, 2)).toEqual(blue);
    expect(at(sheet, 2, 5)).toEqual(red);
    expect(at(sheet, 3, 3)).toEqual([0, 0, 0]);
    expect(at(sheet, 5, 5)).toEqual([0, 0, 0]);
  });

  it("is as square as it can be unless told", () => {
    const pictures = Array.from({ length: 5 }, () => blankPicture(1, 1));
    expect(grid(pictures, { gap: 0 })).toMatchObject({ width: 3, height: 2 });
    expect(() => grid(pictures, { columns: 0 })).toThrow(ConfigError);
  });
});

describe("strip", () => {
  it("puts steps side by side, coarse ones enlarged", () => {
    const sheet = strip([blankPicture(1, 1, red), blankPicture(4, 4, blue)], { gap: 0 });
    expect(sheet).toMatchObject({ width: 8, height: 4 });
    expect(at(sheet, 3, 3)).toEqual(red);
    expect(at(sheet, 4, 0)).toEqual(blue);
  });
});

describe("enlarge", () => {
  it("repeats every pixel factor times in both directions", () => {
    const picture = noisePicture(2, 3, 2);
    const large = enlarge(picture, 3);
    expect([large.width, large.height]).toEqual([9, 6]);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 9; x++) {
        expect(at(large, x, y)).toEqual(at(picture, Math.floor(x / 3), Math.floor(y / 3)));
      }
    }
    expect(() => enlarge(picture, 1.5)).toThrow(ConfigError);
  });
});
