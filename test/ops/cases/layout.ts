import * as ops from "../../../src/graph/ops/layout.ts";
import { depthToSpace, spaceToDepth } from "../../../src/graph/ops/pixel-shuffle.ts";
import * as windows from "../../../src/graph/ops/window.ts";
import { type OpCase, record } from "../op-case.ts";
import { at, type Plain, tabulate } from "../plain.ts";

const same = (x: Plain | undefined) => Array.from(x!.data);

function transposeCase(shape: number[], axes: number[]): OpCase {
  return {
    op: record(ops.transposeOp),
    name: `transpose: [${axes.join(", ")}]`,
    shapes: [shape],
    build: (x) => ops.transpose(x!, axes),
    reference: (x) =>
      tabulate(
        axes.map((axis) => shape[axis]!),
        (...index) => at(x!, ...axes.map((_, i) => index[axes.indexOf(i)]!)),
      ),
  };
}

const splitParts = { shapes: [[2, 6]], op: record(ops.splitOp) };
const part = (x: Plain | undefined, start: number, size: number) =>
  tabulate([2, size], (i, j) => at(x!, i!, start + j!));

export const layoutCases: readonly OpCase[] = [
  {
    op: record(ops.reshapeOp),
    name: "reshape",
    shapes: [[2, 6]],
    build: (x) => ops.reshape(x!, [3, -1, 1]),
    reference: same,
  },
  transposeCase([2, 3], [1, 0]),
  transposeCase([2, 3, 4], [2, 0, 1]),
  transposeCase([2, 3, 4, 2], [0, 2, 1, 3]),
  {
    op: record(ops.transposeOp),
    name: "transpose: squares of pixels to channels",
    shapes: [[2, 3, 4, 4]],
    build: (x) => spaceToDepth(x!, 2),
    reference: (x) =>
      tabulate([2, 12, 2, 2], (b, c, h, w) => {
        const [row, column] = [Math.floor((c! % 4) / 2), c! % 2];
        return at(x!, b!, Math.floor(c! / 4), 2 * h! + row, 2 * w! + column);
      }),
  },
  {
    op: record(ops.transposeOp),
    name: "transpose: channels to squares of pixels",
    shapes: [[2, 12, 2, 2]],
    build: (x) => depthToSpace(x!, 2),
    reference: (x) =>
      tabulate([2, 3, 4, 4], (b, c, h, w) =>
        at(x!, b!, 4 * c! + 2 * (h! % 2) + (w! % 2), Math.floor(h! / 2), Math.floor(w! / 2)),
      ),
  },
  {
    op: record(ops.concatOp),
    name: "concat",
    shapes: [
      [2, 1, 3],
      [2, 4, 3],
      [2, 2, 3],
    ],
    build: (...parts) => ops.concat(parts, 1),
    reference: (a, b, c) =>
      tabulate([2, 7, 3], (i, j, k) => {
        if (j! < 1) return at({ dims: [2, 1, 3], data: a!.data }, i!, j!, k!);
        return j! < 5 ? at(b!, i!, j! - 1, k!) : at(c!, i!, j! - 5, k!);
      }),
  },
  {
    op: record(ops.concatOp),
    name: "concat: from the end",
    shapes: [
      [2, 2],
      [2, 3],
    ],
    build: (...parts) => ops.concat(parts, -1),
    reference: (a, b) => tabulate([2, 5], (i, j) => (j! < 2 ? at(a!, i!, j!) : at(b!, i!, j! - 2))),
  },
  {
    ...splitParts,
    name: "split",
    build: (x) => ops.split(x!, [1, 3, 2], 1),
    reference: (x) => [...part(x, 0, 1), ...part(x, 1, 3), ...part(x, 4, 2)],
  },
  {
    ...splitParts,
    name: "split: one part used",
    build: (x) => ops.chunk(x!, 3, -1)[1]!,
    reference: (x) => part(x, 2, 2),
  },
  {
    op: record(ops.expandOp),
    name: "expand",
    shapes: [[3, 1]],
    build: (x) => ops.expand(x!, [2, 3, 4]),
    reference: (x) => tabulate([2, 3, 4], (...index) => at(x!, ...index)),
  },
  {
    op: record(windows.sliceOp),
    name: "slice",
    shapes: [[3, 7]],
    build: (x) => windows.slice(x!, 1, 2, 6),
    reference: (x) => tabulate([3, 4], (i, j) => at(x!, i!, j! + 2)),
  },
  {
    op: record(windows.sliceOp),
    name: "slice: steps on two axes",
    shapes: [[5, 7]],
    build: (x) =>
      windows.sliceAll(x!, [
        { axis: 0, start: 1, end: 5, step: 3 },
        { axis: 1, start: 0, end: 6, step: 2 },
      ]),
    reference: (x) => tabulate([2, 3], (i, j) => at(x!, 1 + 3 * i!, 2 * j!)),
  },
  {
    op: record(windows.reverseOp),
    name: "reverse",
    shapes: [[2, 3, 4]],
    build: (x) => windows.reverse(x!, [0, 2]),
    reference: (x) => tabulate([2, 3, 4], (i, j, k) => at(x!, 1 - i!, j!, 3 - k!)),
  },
  {
    op: record(windows.padOp),
    name: "pad",
    shapes: [[2, 3]],
    build: (x) => windows.padAll(x!, [1, 0], [0, 2]),
    reference: (x) => tabulate([3, 5], (i, j) => (i! > 0 && j! < 3 ? at(x!, i! - 1, j!) : 0)),
  },
];
