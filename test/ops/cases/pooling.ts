import type { Op } from "../../../src/graph/op.ts";
import * as ops from "../../../src/graph/ops/pool.ts";
import { type OpCase, record } from "../op-case.ts";
import { at, type Plain, tabulate } from "../plain.ts";

interface Options {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** The values of each window that lie inside the picture, brought together by `join`. */
function poolOf(
  x: Plain,
  { kernel, stride, padding }: Options,
  join: (values: readonly number[]) => number,
): number[] {
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  const size = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  return tabulate([batch, channels, size(height), size(width)], (b, c, h, w) => {
    const window: number[] = [];
    for (let row = h! * stride - padding; row < h! * stride - padding + kernel; row++) {
      for (let column = w! * stride - padding; column < w! * stride - padding + kernel; column++) {
        const inside = row >= 0 && column >= 0 && row < height && column < width;
        if (inside) window.push(at(x, b!, c!, row, column));
      }
    }
    return join(window);
  });
}

const largest = (values: readonly number[]) => Math.max(...values);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function poolCase(
  op: Op<never>,
  pool: typeof ops.maxPool,
  join: typeof mean,
  shape: number[],
  options: Options,
): OpCase {
  const { kernel, stride, padding } = options;
  return {
    op,
    name: `${op.name}: ${kernel}×${kernel}, stride ${stride}, padding ${padding}`,
    shapes: [shape],
    build: (x) => pool(x!, options),
    reference: (x) => poolOf(x!, options, join),
  };
}

const sizes: readonly [shape: number[], options: Options][] = [
  // windows reach over the border above and leave a row and a column below unseen
  [[1, 2, 6, 8], { kernel: 3, stride: 2, padding: 1 }],
  [[2, 3, 6, 4], { kernel: 2, stride: 2, padding: 0 }],
  [[1, 2, 8, 7], { kernel: 3, stride: 2, padding: 0 }],
  [[2, 2, 4, 5], { kernel: 3, stride: 1, padding: 1 }],
];

export const poolingCases: readonly OpCase[] = sizes.flatMap(([shape, options]) => [
  poolCase(record(ops.maxPoolOp), ops.maxPool, largest, shape, options),
  poolCase(record(ops.averagePoolOp), ops.averagePool, mean, shape, options),
]);
