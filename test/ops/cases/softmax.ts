import {
  crossEntropy,
  crossEntropyOp,
  logSoftmax,
  logSoftmaxOp,
  softmax,
  softmaxOp,
} from "../../../src/graph/ops/softmax.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { at, type Plain, rowwise, tabulate, total } from "../plain.ts";

function probabilities(row: readonly number[]): number[] {
  const whole = row.reduce((sum, x) => sum + Math.exp(x), 0);
  return row.map((x) => Math.exp(x) / whole);
}

function crossEntropyOf(logits: Plain, ids: Plain): number[] {
  const [rows, classes] = logits.dims as [number, number];
  return tabulate([rows], (i) => {
    const whole = total(classes, (j) => Math.exp(at(logits, i!, j)));
    return Math.log(whole) - at(logits, i!, ids.data[i!]!);
  });
}

function crossEntropyCase(dtype: "int32" | "int64"): OpCase {
  return {
    op: record(crossEntropyOp),
    name: `crossEntropy: ${dtype} ids`,
    shapes: [[6, 7]],
    fixed: [fixed(dtype, [6, 1], [0, 1, 6, 3, 3, 5])],
    build: (logits, ids) => crossEntropy(logits!, ids!),
    reference: (logits, ids) => crossEntropyOf(logits!, ids!),
    spread: 3,
  };
}

export const softmaxCases: readonly OpCase[] = [
  {
    op: record(softmaxOp),
    name: "softmax",
    shapes: [[3, 5]],
    build: (x) => softmax(x!),
    reference: (x) => rowwise(x!, probabilities),
    spread: 3,
  },
  {
    op: record(softmaxOp),
    name: "softmax: an inner axis",
    shapes: [[2, 3, 4]],
    build: (x) => softmax(x!, 1),
    reference: (x) =>
      tabulate([2, 3, 4], (i, j, k) => {
        const whole = total(3, (n) => Math.exp(at(x!, i!, n, k!)));
        return Math.exp(at(x!, i!, j!, k!)) / whole;
      }),
  },
  {
    op: record(logSoftmaxOp),
    name: "logSoftmax",
    shapes: [[3, 5]],
    build: (x) => logSoftmax(x!),
    reference: (x) => rowwise(x!, (row) => probabilities(row).map(Math.log)),
    spread: 3,
  },
  {
    op: record(logSoftmaxOp),
    name: "logSoftmax: the first axis",
    shapes: [[4, 3]],
    build: (x) => logSoftmax(x!, 0),
    reference: (x) =>
      tabulate([4, 3], (i, j) => {
        const whole = total(4, (n) => Math.exp(at(x!, n, j!)));
        return at(x!, i!, j!) - Math.log(whole);
      }),
  },
  crossEntropyCase("int32"),
  crossEntropyCase("int64"),
];
