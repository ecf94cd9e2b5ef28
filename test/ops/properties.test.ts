/** Laws of ops whose shapes vary in many ways, on random shapes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { multiply } from "../../src/graph/ops/arithmetic.ts";
import { conv2d } from "../../src/graph/ops/conv.ts";
import { reshape } from "../../src/graph/ops/layout.ts";
import { resample } from "../../src/graph/ops/resample.ts";
import { constant, input } from "../../src/graph/ops/source.ts";
import { padAll, type Range, sliceAll } from "../../src/graph/ops/window.ts";
import * as matrices from "../../src/graph/resample-matrix.ts";
import { convOf } from "./cases/convolution.ts";
import { at, broadcastDims, pointwise, tabulate, total } from "./plain.ts";
import { largestError } from "./run-case.ts";
import { draw, run } from "./run-law.ts";

const law = { seed: 20, numRuns: 40 };

const count = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1);

const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  expect(largestError(a, b)).toBeLessThan(1e-4);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => total(a.length, (i) => a[i]! * b[i]!);

const size = fc.integer({ min: 1, max: 4 });
const shape = fc.array(size, { maxLength: 4 });

describe("broadcasting", () => {
  /** Two shapes made from one by dropping leading axes and setting others to 1. */
  const pair = shape.chain((full) => {
    const part = fc
      .tuple(fc.nat(full.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([drop, ones]) => full.slice(drop).map((dim, i) => (ones[i] ? 1 : dim)));
    return fc.tuple(part, part);
  });

  it("multiplies what stands at the same place, and sums gradients over stretched axes", () =>
    fc.assert(
      fc.asyncProperty(pair, async ([aDims, bDims]) => {
        const a = { dims: aDims, data: draw("a", aDims) };
        const b = { dims: bDims, data: draw("b", bDims) };
        const { y, dims, weights, gradients } = await run([a, b], (x, z) => multiply(x!, z!));
        expect(dims).toEqual(broadcastDims(aDims, bDims));
        close(y, pointwise((x, z) => x! * z!)(a, b));
        const share = pointwise((w, z) => w! * z!)({ dims, data: weights }, b);
        close(gradients[0]!, sumInto(aDims, dims, share));
      }),
      law,
    ));

  it("refuses every other pair of shapes while tracing", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const overlap = Math.min(a.length, b.length);
        const fits = a.slice(a.length - overlap).every((dim, i) => {
          const other = b.slice(b.length - overlap)[i]!;
          return dim === other || dim === 1 || other === 1;
        });
        const trace = () => multiply(input("a", "float32", a), input("b", "float32", b));
        if (fits) expect(trace().shape).toEqual(broadcastDims(a, b));
        else expect(trace).toThrow(ShapeError);
      }),
      { ...law, numRuns: 300 },
    );
  });
});

/** Adds values of shape `from` up where a tensor of shape `to` is read by broadcasting. */
function sumInto(to: readonly number[], from: readonly number[], values: readonly number[]) {
  const sums = new Float64Array(count(to));
  const places = Float64Array.from(sums.keys());
  tabulate(from, (...index) => at({ dims: to, data: places }, ...index)).forEach((place, i) => {
    sums[place]! += values[i]!;
  });
  return sums;
}

describe("reshape", () => {
  const factors = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 });

  /** The same factors merged into axes in two ways. */
  const merged = factors.chain((parts) => {
    const cuts = fc.array(fc.boolean(), { minLength: parts.length, maxLength: parts.length });
    const merge = (ends: boolean[]) => {
      const dims = [1];
      parts.forEach((part, i) => {
        if (ends[i]) dims.push(part);
        else dims.push(dims.pop()! * part);
      });
      return dims;
    };
    return fc.tuple(cuts.map(merge), cuts.map(merge));
  });

  it("keeps all elements in their order, forwards and backwards", () =>
    fc.assert(
      fc.asyncProperty(merged, fc.nat(4), async ([from, to], hole) => {
        const x = { dims: from, data: draw("x", from) };
        const wanted = to.map((dim, i) => (i === hole ? -1 : dim));
        const { y, dims, weights, gradients } = await run([x], (t) => reshape(t!, wanted));
        expect(dims).toEqual(to);
        expect(y).toEqual(x.data);
        expect(gradients[0]).toEqual(weights);
      }),
      law,
    ));

  it("refuses shapes of another size", () => {
    fc.assert(
      fc.property(shape, shape, (from, to) => {
        fc.pre(count(from) !== count(to));
        expect(() => reshape(input("x", "float32", from), to)).toThrow(ShapeError);
      }),
      law,
    );
  });
});

describe("slice and pad", () => {
  const axis = fc
    .record({ size: fc.integer({ min: 1, max: 7 }), step: fc.integer({ min: 1, max: 3 }) })
    .chain(({ size, step }) =>
      fc
        .integer({ min: 0, max: size - 1 })
        .chain((start) =>
          fc.integer({ min: start + 1, max: size }).map((end) => ({ size, step, start, end })),
        ),
    );
  const windows = fc.array(axis, { minLength: 1, maxLength: 3 });

  it("cut out the wanted elements; the others get no gradient", () =>
    fc.assert(
      fc.asyncProperty(windows, async (axes) => {
        const dims = axes.map(({ size }) => size);
        const ranges: Range[] = axes.map((range, i) => ({ axis: i, ...range }));
        const x = { dims, data: draw("x", dims) };
        const result = await run([x], (t) => sliceAll(t!, ranges));
        const source = (index: readonly number[]) =>
          index.map((at, i) => axes[i]!.start + at * axes[i]!.step);
        expect(Array.from(result.y)).toEqual(
          tabulate(result.dims, (...index) => at(x, ...source(index))),
        );
        const places = { dims, data: Array.from(x.data.keys()) };
        const wanted = new Float32Array(x.data.length);
        tabulate(result.dims, (...index) => at(places, ...source(index))).forEach((place, i) => {
          wanted[place] = result.weights[i]!;
        });
        expect(result.gradients[0]).toEqual(wanted);
      }),
      law,
    ));

  const padded = fc.array(fc.record({ size, before: fc.nat(3), after: fc.nat(3) }), {
    minLength: 1,
    maxLength: 3,
  });

  it("undo each other, and padding adds nothing but zeros", () =>
    fc.assert(
      fc.asyncProperty(padded, async (axes) => {
        const dims = axes.map((a) => a.size);
        const x = { dims, data: draw("x", dims) };
        const before = axes.map((a) => a.before);
        const pad = (t: Tensor) =>
          padAll(
            t,
            before,
            axes.map((a) => a.after),
          );
        const around = await run([x], (t) => pad(t!));
        expect(around.dims).toEqual(axes.map((a) => a.before + a.size + a.after));
        const window = axes.map((a, i) => ({ axis: i, start: a.before, end: a.before + a.size }));
        const { y, gradients, weights } = await run([x], (t) => sliceAll(pad(t!), window));
        expect(y).toEqual(x.data);
        expect(gradients[0]).toEqual(weights);
        expect(around.y.filter((v) => v !== 0).length).toBe(x.data.filter((v) => v !== 0).length);
      }),
      law,
    ));
});

describe("convolution", () => {
  const zeros = fc.nat(3);
  const conv = fc.record({
    height: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 1, max: 7 }),
    tall: fc.integer({ min: 1, max: 4 }),
    wide: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    padding: fc.record({ top: zeros, left: zeros, bottom: zeros, right: zeros }),
  });

  it("is its definition for every size, stride and padding, and both gradients are adjoint", () =>
    fc.assert(
      fc.asyncProperty(conv, async ({ height, width, tall, wide, stride, padding }) => {
        const x = { dims: [2, 2, height, width], data: draw("x", [2, 2, height, width]) };
        const w = { dims: [3, 2, tall, wide], data: draw("w", [3, 2, tall, wide]) };
        const build = (a: Tensor, b: Tensor) => conv2d(a, b, undefined, { stride, padding });
        const fits =
          height + padding.top + padding.bottom >= tall &&
          width + padding.left + padding.right >= wide;
        if (!fits) {
          await expect(run([x, w], (a, b) => build(a!, b!))).rejects.toThrow(ShapeError);
          return;
        }
        const { y, loss, gradients } = await run([x, w], (a, b) => build(a!, b!));
        close(y, convOf(x, w, undefined, { stride, padding }));
        // the loss is linear in either input, and so equals its product with that gradient
        close([dot(gradients[0]!, x.data)], [loss]);
        close([dot(gradients[1]!, w.data)], [loss]);
      }),
      { ...law, numRuns: 80 },
    ));
});

describe("resample", () => {
  const kinds = fc.constantFrom(
    matrices.areaMatrix,
    matrices.bicubicMatrix,
    matrices.bilinearMatrix,
    matrices.nearestMatrix,
  );
  const side = fc.integer({ min: 1, max: 9 });

  const transposed = (m: Float32Array, rows: number, columns: number) =>
    Float32Array.from(tabulate([columns, rows], (j, i) => m[i! * columns + j!]!));

  const scene = fc.tuple(kinds, side, side, side, side);

  it("applies one matrix per side and keeps flat maps flat; the gradient is adjoint", () =>
    fc.assert(
      fc.asyncProperty(scene, async ([kind, height, width, tall, wide]) => {
        const [rows, columns] = [kind(height, tall), kind(width, wide)];
        const x = { dims: [1, 2, height, width], data: draw("x", [1, 2, height, width]) };
        const build = (t: Tensor) =>
          resample(
            t,
            constant(rows, [tall, height]),
            constant(transposed(columns, wide, width), [width, wide]),
          );
        const { y, dims, loss, gradients } = await run([x], (t) => build(t!));
        expect(dims).toEqual([1, 2, tall, wide]);
        const wanted = tabulate(dims, (_, c, i, j) =>
          total(height, (h) =>
            total(width, (w) => {
              const weight = rows[i! * height + h]! * columns[j! * width + w]!;
              return weight * at(x, 0, c!, h, w);
            }),
          ),
        );
        close(y, wanted);
        close([dot(gradients[0]!, x.data)], [loss]);
        const flat = await run([{ ...x, data: x.data.map(() => 3) }], (t) => build(t!));
        close(
          flat.y,
          flat.y.map(() => 3),
        );
      }),
      law,
    ));
});
