import { describe, expect, it } from "vitest";
import { length, lengthRect, pixelRect, pixelsOf } from "./lengths.ts";

describe("lengths", () => {
  it("are pixels or percent", () => {
    expect(length().parse("12")).toEqual({ value: 12, unit: "px" });
    expect(length().parse("12px")).toEqual({ value: 12, unit: "px" });
    expect(pixelsOf(length().parse("12.5%"), 64)).toBe(8);
    for (const text of ["", "-1", "1e3", "5 %", "half"]) {
      expect(length().safeParse(text).success).toBe(false);
    }
  });

  it("make rectangles of which the part on the picture counts", () => {
    const rect = lengthRect().parse("25%, 10, 50%,100");
    expect(pixelRect(rect, { width: 80, height: 40 })).toEqual({
      left: 20,
      top: 10,
      right: 60,
      bottom: 40,
    });
    const outside = pixelRect(lengthRect().parse("90,0,5,5"), { width: 80, height: 40 });
    expect(outside.right - outside.left).toBe(0);
    for (const text of ["1,2,3", "1,2,3,4,5", "0,0,0,4", "a,b,c,d"]) {
      expect(lengthRect().safeParse(text).success).toBe(false);
    }
  });
});
