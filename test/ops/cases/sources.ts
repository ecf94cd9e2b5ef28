import { checkpoint, checkpointOp } from "../../../src/graph/checkpoint.ts";
import { add } from "../../../src/graph/ops/arithmetic.ts";
import { linearProduct } from "../../../src/graph/ops/product.ts";
import * as sources from "../../../src/graph/ops/source.ts";
import { stopGradientOp, straightThrough } from "../../../src/graph/ops/stop-gradient.ts";
import { tanh } from "../../../src/graph/ops/unary.ts";
import { type OpCase, record } from "../op-case.ts";
import { at, pointwise, tabulate, total } from "../plain.ts";

export const sourceCases: readonly OpCase[] = [
  {
    op: record(sources.inputOp),
    name: "input: handed on",
    shapes: [[2, 3]],
    build: (x) => x!,
    reference: (x) => Array.from(x!.data),
  },
  {
    op: record(sources.parameterOp),
    name: "parameter: handed on",
    shapes: [[2, 3]],
    parameters: true,
    build: (x) => x!,
    reference: (x) => Array.from(x!.data),
  },
  {
    op: record(sources.constantOp),
    name: "constant",
    shapes: [[2, 2]],
    build: (x) => add(x!, sources.constant(Float32Array.of(1, 2, 3, 4), [2, 2])),
    reference: (x) => Array.from(x!.data, (v, i) => v + i + 1),
  },
  {
    op: record(stopGradientOp),
    name: "stopGradient: straight through nothing",
    shapes: [[2, 3]],
    build: (x) => straightThrough(x!, x!),
    reference: pointwise((x) => x!),
  },
  {
    op: record(checkpointOp),
    name: "checkpoint",
    shapes: [
      [3, 4],
      [5, 4],
      [4, 5],
    ],
    parameters: true,
    build: (x, first, second) =>
      checkpoint((h) => linearProduct(tanh(linearProduct(h, first!)), second!), [x!]),
    reference: (x, first, second) =>
      tabulate([3, 4], (i, j) =>
        total(5, (k) => {
          const inner = total(4, (n) => at(x!, i!, n) * at(first!, k, n));
          return Math.tanh(inner) * at(second!, j!, k);
        }),
      ),
  },
];
