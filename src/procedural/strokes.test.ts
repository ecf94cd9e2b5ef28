import { describe, expect, it } from "vitest";
import { drawStrokes, emptyMask } from "./mask.ts";
import { fitStrokes, parseStrokes } from "./strokes.ts";

describe("strokes", () => {
  it("are corners and arcs, parted by bars", () => {
    expect(parseStrokes("0,0 4,8 | 1,2")).toEqual([
      [0, 0, 4, 8],
      [1, 2],
    ]);
    const [quarter] = parseStrokes("(5,5,4,2,0,90)");
    expect(quarter!.slice(0, 2)).toEqual([9, 5]);
    expect(quarter!.at(-2)).toBeCloseTo(5, 12);
    expect(quarter!.at(-1)).toBeCloseTo(7, 12);
  });

  it("come into a box from the square 0 to 10", () => {
    const box = { x: 1, y: 2, width: 20, height: 5 };
    expect(fitStrokes([[0, 0, 10, 10]], box)).toEqual([[1, 2, 21, 7]]);
  });

  it("cover the area that the pen passes over", () => {
    const mask = emptyMask(40, 20);
    drawStrokes(mask, [[10, 10, 30, 10]], { x: 0, y: 0, scale: 1 }, 4);
    const area = mask.data.reduce((sum, value) => sum + value, 0);
    // a bar with two half discs at its ends
    expect(area).toBeCloseTo(20 * 4 + Math.PI * 4, 0);
    expect(mask.data[10 * 40 + 20]).toBe(1);
    expect(mask.data[3 * 40 + 20]).toBe(0);
  });

  it("of half a pixel are half as strong", () => {
    const mask = emptyMask(20, 3);
    drawStrokes(mask, [[0, 1.5, 20, 1.5]], { x: 0, y: 0, scale: 1 }, 0.5);
    expect([mask.data[10], mask.data[30], mask.data[50]]).toEqual([0, 0.5, 0]);
  });

  it("turn clockwise and stay within the picture", () => {
    const mask = emptyMask(9, 9);
    drawStrokes(mask, [[0, 0, 50, 0]], { x: 4.5, y: 4.5, scale: 1, angle: Math.PI / 2 }, 1);
    expect([mask.data[8 * 9 + 4], mask.data[4]]).toEqual([1, 0]);
  });
});
