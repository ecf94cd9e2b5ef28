import type { Tensor } from "../../../src/graph/node.ts";
import { apply } from "../../../src/graph/op.ts";
import * as order from "../../../src/graph/ops/order.ts";
import * as ops from "../../../src/graph/ops/reduce.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { at, pointwise, reduced, rowwise, tabulate, total } from "../plain.ts";

type Reduction = (x: Tensor, ...axes: number[]) => Tensor;
type Merge = (values: readonly number[]) => number;

const sumOf: Merge = (values) => values.reduce((a, b) => a + b, 0);

function reductionCases(op: unknown, name: string, build: Reduction, merge: Merge): OpCase[] {
  const over = (what: string, axes: number[], negative = axes): OpCase => ({
    op: record(op),
    name: `${name}: ${what}`,
    shapes: [[2, 3, 4]],
    build: (x) => build(x!, ...negative),
    reference: (x) => reduced(x!, axes, merge),
  });
  return [
    over("the last axis", [2], [-1]),
    over("outer axes", [0, 2]),
    { ...over("everything", [0, 1, 2]), build: (x) => build(x!) },
  ];
}

function cumulative(what: string, axis: number, reverse: boolean): OpCase {
  return {
    op: record(order.cumulativeSumOp),
    name: `cumulativeSum: ${what}`,
    shapes: [[3, 4]],
    build: (x) => apply(order.cumulativeSumOp, [x!], { axis, reverse }),
    reference: (x) =>
      tabulate([3, 4], (...index) => {
        const place = index[axis]!;
        return total(x!.dims[axis]!, (n) => {
          const counts = reverse ? n >= place : n <= place;
          return counts ? at(x!, ...index.map((i, a) => (a === axis ? n : i))) : 0;
        });
      }),
  };
}

function topKOf(row: readonly number[], k: number): { value: number; place: number }[] {
  return row
    .map((value, place) => ({ value, place }))
    .sort((a, b) => b.value - a.value || a.place - b.place)
    .slice(0, k);
}

export const reductionAndOrderCases: readonly OpCase[] = [
  ...reductionCases(ops.sumOp, "sum", ops.sum, sumOf),
  ...reductionCases(ops.meanOp, "mean", ops.mean, (v) => sumOf(v) / v.length),
  ...reductionCases(ops.maxOp, "max", ops.max, (v) => Math.max(...v)),
  ...reductionCases(ops.sumOfSquaresOp, "sumOfSquares", ops.sumOfSquares, (v) =>
    sumOf(v.map((x) => x * x)),
  ),
  {
    op: record(ops.sumOp),
    name: "sum: a scalar",
    shapes: [[]],
    build: (x) => ops.sum(x!),
    reference: pointwise((x) => x!),
  },
  {
    op: record(order.argmaxOp),
    name: "argmax",
    shapes: [],
    fixed: [fixed("float32", [3, 4], [1, 5, 5, 2, -1, -3, -1, -2, 0, 0, 0, 7])],
    build: (x) => order.argmax(x!),
    // the first of equal ones
    reference: (x) => rowwise(x!, (row) => [row.indexOf(Math.max(...row))]),
  },
  {
    op: record(order.argmaxOp),
    name: "argmax: the first axis",
    shapes: [[3, 4]],
    build: (x) => order.argmax(x!, 0),
    reference: (x) =>
      tabulate([4], (j) => {
        const column = [0, 1, 2].map((i) => at(x!, i, j!));
        return column.indexOf(Math.max(...column));
      }),
  },
  {
    op: record(order.topKOp),
    name: "topK",
    shapes: [[2, 9]],
    build: (x) => {
      const { values, indices } = order.topK(x!, 4);
      return [values, indices];
    },
    reference: (x) => [
      ...rowwise(x!, (row) => topKOf(row, 4).map(({ value }) => value)),
      ...rowwise(x!, (row) => topKOf(row, 4).map(({ place }) => place)),
    ],
  },
  cumulative("the last axis", 1, false),
  cumulative("the first axis", 0, false),
  cumulative("backwards", 1, true),
];
