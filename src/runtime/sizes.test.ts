import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDims, type Dim, namedDim, type Shape, scaleDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import { bindSizes } from "./sizes.ts";

const [p, s] = [namedDim("p"), namedDim("s")];

function bind(shapes: Record<string, Shape>, dims: Record<string, number[]>, owner?: string) {
  const inputs = Object.entries(shapes).map(([name, shape]) => [
    name,
    input(name, "float32", shape),
  ]);
  const map = new Map(inputs as [string, ReturnType<typeof input>][]);
  return Object.fromEntries(bindSizes(map, (name) => dims[name]!, owner));
}

describe("bindSizes", () => {
  it("finds sizes in whatever input has them alone", () => {
    expect(
      bind(
        { mask: [s, addDims(p, s)], new: [2, s], past: [2, p] },
        { mask: [3, 8], new: [2, 3], past: [2, 5] },
      ),
    ).toEqual({ p: 5, s: 3 });
  });

  it("finds sizes that were changed by factors and constants", () => {
    expect(bind({ x: [addDims(scaleDim(s, 2), 1)] }, { x: [9] })).toEqual({ s: 4 });
    expect(bind({ x: [addDims(p, -2)] }, { x: [0] })).toEqual({ p: 2 });
  });

  it("takes a size of nothing", () => {
    expect(bind({ past: [2, p, 4] }, { past: [2, 0, 4] })).toEqual({ p: 0 });
  });

  it("finds again what dims were made from", () => {
    const size = fc.nat(50);
    const term = fc.record({ factor: fc.integer({ min: 1, max: 4 }), constant: fc.nat(5) });
    fc.assert(
      fc.property(size, size, term, term, (a, b, first, second) => {
        const dim = (name: Dim, { factor, constant }: { factor: number; constant: number }) =>
          addDims(scaleDim(name, factor), constant);
        const found = bind(
          { x: [dim(p, first), dim(s, second)], y: [addDims(p, s)] },
          {
            x: [a * first.factor + first.constant, b * second.factor + second.constant],
            y: [a + b],
          },
        );
        expect(found).toEqual({ p: a, s: b });
      }),
      { seed: 1 },
    );
  });

  it.each([
    [{ x: [s], y: [s] }, { x: [3], y: [4] }, "y: expected [s] with s = 3, got [4]"],
    [{ x: [2, s] }, { x: [3, 4] }, "x: expected [2, s] with s = 4, got [3, 4]"],
    [{ x: [2, s] }, { x: [2] }, "x: expected [2, s], got [2]"],
    [{ x: [s] }, { x: [2, 2] }, "x: expected [s] with s = 2, got [2, 2]"],
    [{ x: [3] }, { x: [4] }, "x: expected [3], got [4]"],
    [{ x: [scaleDim(s, 2)] }, { x: [5] }, "x: expected [2*s], got [5]"],
    [{ x: [addDims(s, 3)] }, { x: [1] }, "x: expected [s + 3], got [1]"],
    [{ x: [addDims(p, s)] }, { x: [4] }, "x: expected [p + s], got [4]"],
  ] as [Record<string, Shape>, Record<string, number[]>, string][])(
    "names the input that does not fit: %#",
    (shapes, dims, message) => {
      expect(() => bind(shapes, dims)).toThrow(message);
      expect(() => bind(shapes, dims)).toThrow(expect.objectContaining({ code: "shape" }));
      expect(() => bind(shapes, dims, "step")).toThrow(`step: ${message}`);
    },
  );
});
