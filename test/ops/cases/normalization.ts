import { maximumOp } from "../../../src/graph/ops/arithmetic.ts";
import * as ops from "../../../src/graph/ops/norm.ts";
import { type OpCase, record } from "../op-case.ts";
import { at, type Plain, rowwise, tabulate, total } from "../plain.ts";

function normalized(row: readonly number[], epsilon: number): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return row.map((x) => (x - mean) / Math.sqrt(variance + epsilon));
}

function groupNormOf(x: Plain, weight: Plain, bias: Plain, groups: number): number[] {
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  const size = (channels / groups) * height * width;
  const flat = rowwise({ dims: [batch * groups, size], data: x.data }, (g) => normalized(g, 1e-6));
  return tabulate(x.dims, (...index) => {
    const c = index[1]!;
    return at({ dims: x.dims, data: flat }, ...index) * weight.data[c]! + bias.data[c]!;
  });
}

const groupNormCase = (what: string, groups: number, shape: number[], centre = 0): OpCase => ({
  op: record(ops.groupNormOp),
  name: `groupNorm: ${what}`,
  shapes: [shape, [shape[1]!], [shape[1]!]],
  build: (x, weight, bias) => ops.groupNorm(x!, weight!, bias!, groups),
  reference: (x, weight, bias) => groupNormOf(x!, weight!, bias!, groups),
  centre,
});

export const normalizationCases: readonly OpCase[] = [
  {
    op: record(ops.layerNormOp),
    name: "layerNorm",
    shapes: [[2, 3, 8]],
    build: (x) => ops.layerNorm(x!),
    reference: (x) => rowwise(x!, (row) => normalized(row, 1e-6)),
  },
  {
    op: record(ops.layerNormOp),
    name: "layerNorm: rows away from zero, a large ε",
    shapes: [[4, 6]],
    build: (x) => ops.layerNorm(x!, 0.1),
    reference: (x) => rowwise(x!, (row) => normalized(row, 0.1)),
    centre: 3,
  },
  {
    op: record(ops.rmsNormOp),
    name: "rmsNorm",
    shapes: [[2, 3, 8], [8]],
    build: (x, weight) => ops.rmsNorm(x!, weight!),
    reference: (x, weight) =>
      rowwise(x!, (row) => {
        const square = total(row.length, (i) => row[i]! ** 2) / row.length;
        return row.map((v, i) => (v / Math.sqrt(square + 1e-5)) * weight!.data[i]!);
      }),
  },
  groupNormCase("groups of two", 4, [2, 8, 3, 4]),
  groupNormCase("one group, away from zero", 1, [2, 4, 3, 3], 2),
  groupNormCase("a group per channel", 3, [2, 3, 4, 4]),
  {
    op: record(maximumOp),
    name: "maximum: rows of length 1",
    shapes: [[2, 3, 5]],
    build: (x) => ops.l2Normalize(x!),
    reference: (x) =>
      rowwise(x!, (row) => {
        const length = Math.sqrt(total(row.length, (i) => row[i]! ** 2));
        return row.map((v) => v / length);
      }),
  },
];
