import * as ops from "../../../src/graph/ops/arithmetic.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { pointwise } from "../plain.ts";

type Binary = typeof ops.add;

const noInt64 = "the WebGPU provider computes nothing in int64";

function binary(
  op: unknown,
  name: string,
  build: Binary,
  f: (a: number, b: number) => number,
  around: { readonly centre?: number; readonly spread?: number } = {},
): OpCase[] {
  const common = { op: record(op), build: (...x: Parameters<Binary>) => build(...x), ...around };
  const reference = pointwise(f as (...values: number[]) => number);
  const shapes: [string, number[], number[]][] = [
    ["equal shapes", [2, 3], [2, 3]],
    ["a row", [2, 3, 4], [4]],
    ["both stretched", [3, 1], [2, 1, 4]],
    ["a scalar", [2, 3], []],
  ];
  return shapes.map(([what, a, b]) => ({
    ...common,
    name: `${name}: ${what}`,
    shapes: [a, b],
    reference,
  })) as OpCase[];
}

function integers(
  op: unknown,
  name: string,
  build: Binary,
  f: (a: number, b: number) => number,
): OpCase[] {
  const a = [3, -5, 7, 0, 2, 9];
  const b = [2, 4, -3];
  const of = (dtype: "int32" | "int64"): OpCase => ({
    op: record(op),
    name: `${name}: ${dtype}`,
    shapes: [],
    fixed: [fixed(dtype, [2, 3], a), fixed(dtype, [3], b)],
    build: (x, y) => build(x!, y!),
    reference: pointwise(f as (...values: number[]) => number),
  });
  return [of("int32"), { ...of("int64"), webgpuFallback: noInt64 }];
}

export const arithmeticCases: readonly OpCase[] = [
  ...binary(ops.addOp, "add", ops.add, (a, b) => a + b),
  ...integers(ops.addOp, "add", ops.add, (a, b) => a + b),
  ...binary(ops.subtractOp, "subtract", ops.subtract, (a, b) => a - b),
  ...integers(ops.subtractOp, "subtract", ops.subtract, (a, b) => a - b),
  ...binary(ops.multiplyOp, "multiply", ops.multiply, (a, b) => a * b),
  ...integers(ops.multiplyOp, "multiply", ops.multiply, (a, b) => a * b),
  ...binary(ops.divideOp, "divide", ops.divide, (a, b) => a / b, { centre: 2 }),
  ...binary(ops.maximumOp, "maximum", ops.maximum, Math.max),
  ...integers(ops.maximumOp, "maximum", ops.maximum, Math.max),
  ...binary(ops.minimumOp, "minimum", ops.minimum, Math.min),
  ...integers(ops.minimumOp, "minimum", ops.minimum, Math.min),
  {
    op: record(ops.negateOp),
    name: "negate",
    shapes: [[2, 3]],
    build: (x) => ops.negate(x!),
    reference: pointwise((x) => -x!),
  },
];
