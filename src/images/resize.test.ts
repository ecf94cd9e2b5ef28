import { describe, expect, it } from "vitest";
import { noisePicture } from "../../test/data/fixtures.ts";
import { blankPicture, type Picture } from "./picture.ts";
import { extendPicture, resizePicture } from "./resize.ts";

const at = ({ data, width }: Picture, x: number, y: number): number[] => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

/** The left half of one colour, the right half of another. */
function halves(width: number, height: number): Picture {
  const picture = blankPicture(width, height, [255, 0, 0]);
  for (let i = 0; i < picture.data.length; i += 3) {
    if ((i / 3) % width >= width / 2) picture.data.set([0, 0, 255], i);
  }
  return picture;
}

describe("resizePicture", () => {
  it("crops the middle or stretches", async () => {
    const wide = halves(40, 10);
    const [crop, stretched] = [
      await resizePicture(wide, 10),
      await resizePicture(wide, { width: 10, height: 10 }, "fill"),
    ];
    for (const picture of [crop, stretched]) {
      expect([picture.width, picture.height]).toEqual([10, 10]);
      expect(at(picture, 0, 5)).toEqual([255, 0, 0]);
      expect(at(picture, 9, 5)).toEqual([0, 0, 255]);
    }
  });

  it("gives a picture of that size back as it is", async () => {
    const picture = noisePicture(1, 6, 5);
    expect(await resizePicture(picture, { width: 6, height: 5 })).toBe(picture);
  });
});

describe("extendPicture", () => {
  it("keeps the middle and repeats the edge", async () => {
    const picture = noisePicture(2, 4, 3);
    const wider = await extendPicture(picture, 2);
    expect([wider.width, wider.height]).toEqual([8, 7]);
    expect(at(wider, 2, 2)).toEqual(at(picture, 0, 0));
    expect(at(wider, 0, 0)).toEqual(at(picture, 0, 0));
    expect(at(wider, 7, 6)).toEqual(at(picture, 3, 2));
  });
});
