import type { Tensor } from "../../../src/graph/node.ts";
import * as ops from "../../../src/graph/ops/unary.ts";
import { type OpCase, record } from "../op-case.ts";
import { pointwise } from "../plain.ts";

interface Around {
  readonly centre?: number;
  readonly spread?: number;
  readonly webgpuTolerance?: number;
}

function unary(
  op: unknown,
  name: string,
  build: (x: Tensor) => Tensor,
  f: (x: number) => number,
  around: Around = {},
): OpCase {
  return {
    op: record(op),
    name,
    shapes: [[3, 7]],
    build: (x) => build(x!),
    reference: pointwise((x) => f(x!)),
    ...around,
  };
}

/** erf by its power series, which converges fast enough for the arguments of these cases. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const gelu = (x: number) =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const exactGelu = (x: number) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));
const wide = { spread: 3 };
const positive = { centre: 2 };
// SwiftShader's sine is coarse (ENGINE 5)
const coarse = { spread: 3, webgpuTolerance: 5e-4 };

export const unaryCases: readonly OpCase[] = [
  unary(ops.expOp, "exp", ops.exp, Math.exp),
  unary(ops.logOp, "log", ops.log, Math.log, positive),
  unary(ops.sqrtOp, "sqrt", ops.sqrt, Math.sqrt, positive),
  unary(ops.reciprocalOp, "reciprocal", ops.reciprocal, (x) => 1 / x, positive),
  unary(ops.absOp, "abs", ops.abs, Math.abs),
  unary(ops.sigmoidOp, "sigmoid", ops.sigmoid, sigmoid, wide),
  unary(ops.tanhOp, "tanh", ops.tanh, Math.tanh, wide),
  unary(ops.reluOp, "relu", ops.relu, (x) => Math.max(x, 0)),
  unary(ops.sinOp, "sin", ops.sin, Math.sin, coarse),
  unary(ops.cosOp, "cos", ops.cos, Math.cos, coarse),
  unary(ops.erfOp, "erf", ops.erf, erf, wide),
  unary(ops.floorOp, "floor", ops.floor, Math.floor, wide),
  unary(ops.siluOp, "silu", ops.silu, (x) => x * sigmoid(x), wide),
  unary(ops.geluOp, "gelu", ops.gelu, gelu, wide),
  unary(ops.exactGeluOp, "exactGelu", ops.exactGelu, exactGelu, wide),
];
