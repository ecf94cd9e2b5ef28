import { describe, expect, it } from "vitest";
import { fromRgba, toRgba } from "./rgba.ts";

describe("pictures of a canvas", () => {
  it("have four bytes per pixel, and come back as they were", () => {
    const picture = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 250, 251, 252) };
    const rgba = toRgba(picture);
    expect([...rgba]).toEqual([1, 2, 3, 255, 250, 251, 252, 255]);
    expect(fromRgba({ width: 2, height: 1, data: rgba })).toEqual(picture);
  });

  it("lie on white where they are transparent", () => {
    const data = Uint8ClampedArray.of(10, 20, 30, 0, 0, 100, 200, 51);
    expect([...fromRgba({ width: 2, height: 1, data }).data]).toEqual([
      255, 255, 255, 204, 224, 244,
    ]);
  });

  it("are refused where bytes are missing", () => {
    const data = new Uint8ClampedArray(7);
    expect(() => fromRgba({ width: 2, height: 1, data })).toThrow(
      "a picture of a canvas: expected 8 bytes for 2x1, got 7",
    );
  });
});
