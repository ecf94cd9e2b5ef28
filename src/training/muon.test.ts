import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { input } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { orthogonal } from "./muon.ts";

const device = await openDevice("cpu", { threads: 1 });

describe("orthogonal", () => {
  it("brings every singular value near one, whatever the size and the scale", async () => {
    const sides = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        sides,
        sides,
        fc.integer({ min: -6, max: 6 }),
        async (rows, columns, power) => {
          const values = random(1, "matrix", rows, columns).normals(rows * columns);
          const x = input("x", "float32", [rows, columns]);
          const fn = await compile(device, "orthogonal", { y: orthogonal(x) });
          const { y } = await fn.run({ x: values.map((value) => value * 10 ** power) });
          await fn.release();
          const result = Array.from(y!.data, Number);
          // the shorter side's Gram matrix has all of them; its quadratic form lies between their squares
          const short = Math.min(rows, columns);
          const along = random(2, "direction", rows, columns).normals(short);
          const norm = Math.hypot(...along);
          const image =
            rows <= columns
              ? Array.from({ length: columns }, (_, j) =>
                  along.reduce((sum, a, i) => sum + a * result[i * columns + j]!, 0),
                )
              : Array.from({ length: rows }, (_, i) =>
                  along.reduce((sum, a, j) => sum + a * result[i * columns + j]!, 0),
                );
          const stretch = Math.hypot(...image) / norm;
          expect(stretch).toBeGreaterThan(0.3);
          expect(stretch).toBeLessThan(1.25);
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  });

  it("takes every singular value through its polynomial, as often as it is told", async () => {
    const values = [4, 2, 0.5];
    const x = input("x", "float32", [3, 3]);
    const fn = await compile(device, "orthogonal", { y: orthogonal(x, 3) });
    const diagonal = Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? values[i / 4]! : 0));
    const { y } = await fn.run({ x: diagonal });
    await fn.release();
    const through = (s: number) => 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
    const expected = values.map((s) => through(through(through(s / Math.hypot(...values)))));
    for (const [i, s] of expected.entries()) expect(y!.data[4 * i]).toBeCloseTo(s, 5);
  });

  it("leaves no gradient as no direction", async () => {
    const x = input("x", "float32", [3, 2]);
    const fn = await compile(device, "orthogonal", { y: orthogonal(x) });
    const { y } = await fn.run({ x: new Float32Array(6) });
    await fn.release();
    expect([...y!.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
