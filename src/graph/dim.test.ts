import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDims,
  type Dim,
  dimText,
  divideDim,
  equalDims,
  equalShapes,
  evaluateDim,
  namedDim,
  scaleDim,
  shapeText,
  sizeOf,
  subtractDims,
} from "./dim.ts";

const [p, s] = [namedDim("p"), namedDim("s")];
const sizes = new Map([
  ["p", 5],
  ["s", 7],
]);

/** a·p + b·s + c */
const dim: fc.Arbitrary<Dim> = fc
  .tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }), fc.integer())
  .map(([a, b, c]) => addDims(addDims(scaleDim(p, a), scaleDim(s, b)), c));
const law = { seed: 1 };

describe("dimensions", () => {
  it("compute like the numbers that they stand for", () => {
    fc.assert(
      fc.property(dim, dim, fc.integer({ min: -9, max: 9 }), (a, b, k) => {
        const [x, y] = [evaluateDim(a, sizes), evaluateDim(b, sizes)];
        expect(evaluateDim(addDims(a, b), sizes)).toBe(x + y);
        expect(evaluateDim(subtractDims(a, b), sizes)).toBe(x - y);
        expect(evaluateDim(scaleDim(a, k), sizes) + 0).toBe(x * k + 0);
        expect(equalDims(a, a)).toBe(true);
        expect(equalDims(a, addDims(a, 1))).toBe(false);
        expect(equalDims(subtractDims(addDims(a, b), b), a)).toBe(true);
      }),
      law,
    );
  });

  it("become numbers again once their names cancel", () => {
    expect(subtractDims(addDims(p, 3), p)).toBe(3);
    expect(scaleDim(p, 0)).toBe(0);
    expect(subtractDims(addDims(p, s), addDims(s, p))).toBe(0);
  });

  it("divide only where every part does", () => {
    const both = addDims(scaleDim(p, 4), 6);
    expect(dimText(divideDim(both, 2)!)).toBe("2*p + 3");
    expect(divideDim(both, 4)).toBeNull();
    expect(divideDim(12, 5)).toBeNull();
    expect(divideDim(12, 4)).toBe(3);
  });

  it("multiply to the size of a shape as long as only one is named", () => {
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([])).toBe(1);
    expect(dimText(sizeOf([2, addDims(p, 1), 3])!)).toBe("6*p + 6");
    expect(sizeOf([p, s])).toBeNull();
  });

  it("compare whole shapes", () => {
    expect(equalShapes([2, p], [2, namedDim("p")])).toBe(true);
    expect(equalShapes([2, p], [2, s])).toBe(false);
    expect(equalShapes([2], [2, 1])).toBe(false);
  });

  it("read as formulas", () => {
    expect(shapeText([2, p, addDims(p, s), addDims(scaleDim(s, 2), 1)])).toBe(
      "[2, p, p + s, 2*s + 1]",
    );
    expect(dimText(addDims(p, -1))).toBe("p - 1");
    expect(dimText(subtractDims(s, scaleDim(p, 2)))).toBe("s - 2*p");
    expect(dimText(scaleDim(p, -1))).toBe("-p");
  });
});
