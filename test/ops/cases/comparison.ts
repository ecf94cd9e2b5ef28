import type { Tensor } from "../../../src/graph/node.ts";
import * as ops from "../../../src/graph/ops/compare.ts";
import { where, whereOp } from "../../../src/graph/ops/select.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { at, pointwise, tabulate } from "../plain.ts";

const left = [1, 2, 3, 4, 5, 6];
const right = [1, 3, 2, 4, 6, 5];

function comparison(
  op: unknown,
  name: string,
  build: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => boolean,
): OpCase[] {
  return (["float32", "int32"] as const).map((dtype) => ({
    op: record(op),
    name: `${name}: ${dtype}`,
    shapes: [],
    fixed: [fixed(dtype, [2, 3], left), fixed(dtype, [2, 3], right)],
    build: (a, b) => build(a!, b!),
    reference: pointwise((a, b) => Number(f(a!, b!))),
  }));
}

const bits = fixed("bool", [2, 3], [1, 0, 0, 1, 1, 0]);

function cast(name: string, change: Partial<OpCase>): OpCase {
  return {
    op: record(ops.castOp),
    name: `cast: ${name}`,
    shapes: [],
    build: (x) => ops.cast(x!, "float32"),
    reference: (x) => Array.from(x!.data),
    ...change,
  };
}

export const comparisonCases: readonly OpCase[] = [
  ...comparison(ops.lessOp, "less", ops.less, (a, b) => a < b),
  ...comparison(ops.lessOrEqualOp, "lessOrEqual", ops.lessOrEqual, (a, b) => a <= b),
  ...comparison(ops.equalOp, "equal", ops.equal, (a, b) => a === b),
  cast("float32 to int32", {
    shapes: [[2, 3]],
    spread: 5,
    build: (x) => ops.cast(x!, "int32"),
    reference: pointwise((x) => Math.trunc(x!)),
  }),
  cast("float32 to int64", {
    shapes: [[2, 3]],
    spread: 5,
    build: (x) => ops.cast(x!, "int64"),
    reference: pointwise((x) => Math.trunc(x!)),
  }),
  cast("int32 to float32", { fixed: [fixed("int32", [3], [-7, 0, 12])] }),
  cast("bool to float32", { fixed: [bits] }),
  cast("int64 to float32", {
    fixed: [fixed("int64", [3], [-7, 0, 12])],
    webgpuFallback: "the WebGPU provider reads int64 only as positions",
  }),
  cast("float16 and back", {
    shapes: [[4, 8]],
    build: (x) => ops.cast(ops.cast(x!, "float16"), "float32"),
    reference: pointwise((x) => x!),
    // a step below float16's own would be lost in its rounding
    step: 1,
    webgpuMissing: "needs a GPU with shader-f16",
  }),
  {
    op: record(whereOp),
    name: "where",
    shapes: [
      [2, 3],
      [2, 3],
    ],
    fixed: [bits],
    build: (a, b, condition) => where(condition!, a!, b!),
    reference: pointwise((a, b, condition) => (condition ? a! : b!)),
  },
  {
    op: record(whereOp),
    name: "where: everything stretched",
    shapes: [[4, 1], []],
    fixed: [fixed("bool", [2, 1, 3], [1, 0, 0, 1, 1, 0])],
    build: (a, b, condition) => where(condition!, a!, b!),
    reference: (a, b, condition) =>
      tabulate([2, 4, 3], (...i) => (at(condition!, ...i) ? at(a!, ...i) : at(b!, ...i))),
  },
];
