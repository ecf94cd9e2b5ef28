import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../errors.ts";
import {
  areaMatrix,
  bicubicMatrix,
  bilinearMatrix,
  cornerBilinearMatrix,
  nearestMatrix,
} from "./resample-matrix.ts";

type MatrixOf = (inSize: number, outSize: number) => Float32Array;
const kinds: [string, MatrixOf][] = [
  ["area", areaMatrix],
  ["bicubic", bicubicMatrix],
  ["bilinear", bilinearMatrix],
  ["corner bilinear", cornerBilinearMatrix],
  ["nearest", nearestMatrix],
];

function resample(matrixOf: MatrixOf, input: readonly number[], outSize: number): number[] {
  const matrix = matrixOf(input.length, outSize);
  return Array.from({ length: outSize }, (_, i) =>
    input.reduce((sum, x, j) => sum + matrix[i * input.length + j]! * x, 0),
  );
}

function expectNear(got: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(tolerance);
  }
}

const ramp = (count: number) => Array.from({ length: count }, (_, i) => i);

// the sheet prints six digits
test("bicubic reproduces the vectors of VAR's sheet", () => {
  expectNear(resample(bicubicMatrix, [0, 1], 4), [-0.105469, 0.226562, 0.773438, 1.105469]);
  expectNear(resample(bicubicMatrix, [0, 1, 2], 5), [-0.096, 0.316, 1, 1.684, 2.096]);
  const enlarged = resample(bicubicMatrix, [0, 1], 16);
  expectNear(enlarged.slice(0, 4), [-0.103821, -0.110779, -0.092834, -0.041199]);
});

test("area reproduces the vectors of VAR's sheet", () => {
  const x = ramp(16);
  expectNear(
    resample(areaMatrix, x, 13),
    [0.5, 1.5, 2.5, 3.5, 5, 6.5, 7.5, 8.5, 10, 11.5, 12.5, 13.5, 14.5],
  );
  expectNear(resample(areaMatrix, x, 10), [0.5, 2, 3.5, 5, 6.5, 8.5, 10, 11.5, 13, 14.5]);
  expectNear(resample(areaMatrix, x, 6), [1, 3.5, 6, 9, 11.5, 14]);
});

test("area divides evenly where the sizes divide", () => {
  expect(resample(areaMatrix, ramp(16), 4)).toEqual([1.5, 5.5, 9.5, 13.5]);
});

test("bilinear reads the two nearest pixels and repeats the border", () => {
  expectNear(resample(bilinearMatrix, [0, 1], 4), [0, 0.25, 0.75, 1]);
  expectNear(resample(bilinearMatrix, ramp(8), 2), [1.5, 5.5]);
  expectNear(resample(bilinearMatrix, ramp(5), 3), [1 / 3, 2, 11 / 3]);
});

test("corner bilinear begins at the first pixel and reads the last one beyond it", () => {
  expectNear(resample(cornerBilinearMatrix, [0, 4], 4), [0, 2, 4, 4]);
  expectNear(resample(cornerBilinearMatrix, ramp(6), 4), [0, 1.5, 3, 4.5]);
  expectNear(resample(cornerBilinearMatrix, ramp(8), 2), [0, 4]);
});

test("nearest repeats and skips pixels", () => {
  expect(resample(nearestMatrix, [7, 8], 4)).toEqual([7, 7, 8, 8]);
  expect(resample(nearestMatrix, ramp(5), 3)).toEqual([0, 1, 3]);
});

const size = fc.integer({ min: 1, max: 40 });

test.each(kinds)("%s: the weights of every output add up to 1", (_, matrixOf) => {
  const property = fc.property(size, size, (inSize, outSize) => {
    expectNear(resample(matrixOf, Array(inSize).fill(1), outSize), Array(outSize).fill(1));
  });
  fc.assert(property, { seed: 6 });
});

test.each(kinds)("%s: the same size is the identity, exactly", (_, matrixOf) => {
  for (const count of [1, 2, 3, 7, 16, 33]) {
    const matrix = matrixOf(count, count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) expect(matrix[i * count + j]).toBe(i === j ? 1 : 0);
    }
  }
});

test.each(kinds)("%s: one pixel becomes a constant, exactly", (_, matrixOf) => {
  for (const count of [1, 2, 5, 16, 64]) {
    expect([...matrixOf(1, count)]).toEqual(Array(count).fill(1));
  }
});

test.each(kinds.slice(0, 3))("%s: mirrored input gives mirrored output", (_, matrixOf) => {
  const property = fc.property(size, size, (inSize, outSize) => {
    const x = ramp(inSize);
    const mirrored = resample(matrixOf, [...x].reverse(), outSize);
    expectNear(mirrored.reverse(), resample(matrixOf, x, outSize), 1e-5);
  });
  fc.assert(property, { seed: 7 });
});

test("sizes below 1 are refused", () => {
  expect(() => areaMatrix(0, 4)).toThrow(ShapeError);
  expect(() => bicubicMatrix(4, 0)).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: bicubicMatrix: expected sizes of at least 1, got input 4 and output 0]`,
  );
});
