import { apply } from "../../../src/graph/op.ts";
import * as ops from "../../../src/graph/ops/conv.ts";
import { expandOp } from "../../../src/graph/ops/layout.ts";
import { upsampleConv2d } from "../../../src/graph/ops/upsample-conv.ts";
import { type OpCase, record } from "../op-case.ts";
import { at, type Plain, tabulate, total } from "../plain.ts";

interface Options {
  readonly stride?: number;
  readonly padding?: ops.Padding;
}

/** The convolution as its definition says, for any stride and padding. */
export function convOf(
  x: Plain,
  weight: Plain,
  bias: Plain | undefined,
  options: Options,
): number[] {
  const { stride = 1, padding = ops.evenPadding(0) } = options;
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  const [outputs, , tall, wide] = weight.dims as [number, number, number, number];
  const rows = Math.floor((height + padding.top + padding.bottom - tall) / stride) + 1;
  const columns = Math.floor((width + padding.left + padding.right - wide) / stride) + 1;
  const pixel = (b: number, c: number, h: number, w: number) => {
    const inside = h >= 0 && w >= 0 && h < height && w < width;
    return inside ? x.data[((b * channels + c) * height + h) * width + w]! : 0;
  };
  return tabulate([batch, outputs, rows, columns], (...index) => {
    const [b, o, h, w] = index as [number, number, number, number];
    const sum = total(channels, (c) =>
      total(tall, (i) =>
        total(wide, (j) => {
          const tap = weight.data[((o * channels + c) * tall + i) * wide + j]!;
          const [row, column] = [h * stride + i - padding.top, w * stride + j - padding.left];
          return tap * pixel(b, c, row, column);
        }),
      ),
    );
    return sum + (bias ? bias.data[o]! : 0);
  });
}

function convCase(what: string, x: number[], weight: number[], options: Options): OpCase {
  return {
    op: record(ops.convOp),
    name: `conv2d: ${what}`,
    shapes: [x, weight, [weight[0]!]],
    build: (x, weight, bias) => ops.conv2d(x!, weight!, bias, options),
    reference: (x, weight, bias) => convOf(x!, weight!, bias, options),
  };
}

const lopsided = { top: 0, left: 0, bottom: 1, right: 1 };

export const convolutionCases: readonly OpCase[] = [
  convCase("3×3", [2, 3, 5, 6], [4, 3, 3, 3], { padding: ops.evenPadding(1) }),
  convCase("6 channels to 8, which WebGPU's kernel misreads", [2, 6, 4, 4], [8, 6, 3, 3], {
    padding: ops.evenPadding(1),
  }),
  convCase("8 channels to 6", [1, 8, 4, 4], [6, 8, 3, 3], { padding: ops.evenPadding(1) }),
  convCase("9 channels to 4, stride 2", [1, 9, 4, 4], [4, 9, 3, 3], {
    stride: 2,
    padding: lopsided,
  }),
  convCase("4 channels to 5, stride 2", [1, 4, 4, 4], [5, 4, 3, 3], {
    stride: 2,
    padding: lopsided,
  }),
  convCase("4 channels to 9, stride 2", [1, 4, 4, 4], [9, 4, 3, 3], {
    stride: 2,
    padding: lopsided,
  }),
  convCase("1×1, 6 channels to 4", [2, 6, 3, 3], [4, 6, 1, 1], {}),
  convCase("1×1", [2, 3, 4, 4], [5, 3, 1, 1], {}),
  convCase("stride 2, zeros below and right", [2, 3, 6, 6], [4, 3, 3, 3], {
    stride: 2,
    padding: lopsided,
  }),
  convCase("patches", [2, 3, 6, 4], [4, 3, 2, 2], { stride: 2 }),
  convCase("rows that no output sees", [1, 2, 8, 7], [3, 2, 3, 3], { stride: 3 }),
  convCase("more zeros than the kernel reaches", [1, 2, 3, 3], [3, 2, 1, 2], {
    padding: ops.evenPadding(1),
  }),
  {
    op: record(ops.convOp),
    name: "conv2d: without bias",
    shapes: [
      [1, 2, 4, 5],
      [3, 2, 2, 3],
    ],
    build: (x, weight) => ops.conv2d(x!, weight!),
    reference: (x, weight) => convOf(x!, weight!, undefined, {}),
  },
  {
    op: record(ops.convTransposeOp),
    name: "convTranspose2d",
    shapes: [
      [2, 4, 3, 3],
      [4, 3, 3, 3],
    ],
    build: (small, weight) =>
      apply(ops.convTransposeOp, [small!, weight!], {
        stride: 2,
        padding: lopsided,
        size: [6, 6],
      }),
    // output (h, w) collects the tap i, j of the pixel (h − i + top) / stride
    reference: (small, weight) =>
      tabulate([2, 3, 6, 6], (b, c, h, w) =>
        total(4, (o) =>
          total(3, (i) =>
            total(3, (j) => {
              const [row, column] = [(h! - i) / 2, (w! - j) / 2];
              const hit = [row, column].every((p) => Number.isInteger(p) && p >= 0 && p < 3);
              return hit ? at(small!, b!, o, row, column) * at(weight!, o, c!, i, j) : 0;
            }),
          ),
        ),
      ),
  },
  {
    op: record(expandOp),
    name: "expand: nearest upsampling",
    shapes: [[2, 3, 2, 3]],
    build: (x) => ops.upsampleNearest(x!, 2),
    reference: (x) =>
      tabulate([2, 3, 4, 6], (b, c, h, w) =>
        at(x!, b!, c!, Math.floor(h! / 2), Math.floor(w! / 2)),
      ),
  },
  {
    op: record(ops.convOp),
    name: "conv2d: doubled in size before",
    shapes: [[2, 3, 2, 3], [2, 3, 3, 3], [2]],
    build: (x, weight, bias) => upsampleConv2d(x!, weight!, bias!),
    reference: (x, weight, bias) => {
      const dims = [2, 3, 4, 6];
      const doubled = tabulate(dims, (b, c, h, w) =>
        at(x!, b!, c!, Math.floor(h! / 2), Math.floor(w! / 2)),
      );
      const large: Plain = { data: doubled, dims };
      return convOf(large, weight!, bias, { padding: ops.evenPadding(1) });
    },
  },
];
