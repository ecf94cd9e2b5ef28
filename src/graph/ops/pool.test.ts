import { expect, test } from "vitest";
import { openDevice } from "../../runtime/device.ts";
import { compile } from "../../runtime/function.ts";
import { grad } from "../autodiff.ts";
import { averagePool, maxPool } from "./pool.ts";
import { sum } from "./reduce.ts";
import { input } from "./source.ts";

const device = await openDevice("cpu");

/** The gradient of the sum of all pooled values of one picture with one channel. */
async function gradient(pool: typeof maxPool, rows: number[][], kernel: number, padding = 0) {
  const dims = [1, 1, rows.length, rows[0]!.length];
  const x = input("x", "float32", dims);
  const [g] = grad(sum(pool(x, { kernel, stride: 2, padding })), [x]);
  const fn = await compile(device, "pool", { g: g! });
  const data = (await fn.run({ x: Float32Array.from(rows.flat()) })).g!.data as Float32Array;
  await fn.release();
  return rows.map((row, i) => [...data.subarray(i * row.length, (i + 1) * row.length)]);
}

test("a pixel that is the largest of several overlapping windows collects from all of them", async () => {
  const rows = Array.from({ length: 5 }, () => [0, 1, 2, 1, 0]);
  rows[2] = [0, 1, 9, 1, 0];
  const wanted = rows.map(() => [0, 0, 0, 0, 0]);
  wanted[2] = [0, 0, 4, 0, 0];
  expect(await gradient(maxPool, rows, 3)).toEqual(wanted);
});

test("equal maxima share what their window gets", async () => {
  const rows = [
    [7, 7, 1, 0],
    [7, 7, 0, 1],
  ];
  expect(await gradient(maxPool, rows, 2)).toEqual([
    [0.25, 0.25, 0.5, 0],
    [0.25, 0.25, 0, 0.5],
  ]);
});

test("zeros around a picture win nothing, whatever its sign", async () => {
  const rows = [
    [-2, -1],
    [-3, -4],
  ];
  expect(await gradient(maxPool, rows, 3, 1)).toEqual([
    [0, 1],
    [0, 0],
  ]);
  expect(
    await gradient(
      maxPool,
      [
        [0, -1],
        [-1, -1],
      ],
      3,
      1,
    ),
  ).toEqual([
    [1, 0],
    [0, 0],
  ]);
});

test("a mean gives each pixel of its window an equal part, and nothing to what no window saw", async () => {
  const rows = Array.from({ length: 3 }, (_, i) => [i, 1, 2]);
  expect(await gradient(averagePool, rows, 2)).toEqual([
    [0.25, 0.25, 0],
    [0.25, 0.25, 0],
    [0, 0, 0],
  ]);
});
