/**
 * Networks of convolutions as data: Inception, AlexNet and VGG16 are lists of units that one function
 * traces. Every convolution has a bias and is followed by ReLU.
 */
import type { Tensor } from "../graph/node.ts";

import { conv2d } from "../graph/ops/conv.ts";
import { concat } from "../graph/ops/layout.ts";
import { averagePool, maxPool } from "../graph/ops/pool.ts";
import { relu } from "../graph/ops/unary.ts";
import { fanIn, zero } from "../nn/initializers.ts";
import type { Scope } from "../nn/layer.ts";

export interface ConvUnit {
  readonly kind: "conv";
  /** Path of its weight and bias below the branches that it lies in. */
  readonly name: string;
  readonly outputs: number;
  /** Rows and columns. */
  readonly kernel: readonly [number, number];
  readonly stride: number;
  /** Zeros above and below, and at the left and the right. */
  readonly padding: readonly [number, number];
}

export interface PoolUnit {
  readonly kind: "maxPool" | "averagePool";
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Several ways from one input, their results one after the other along the channels. */
export interface BranchesUnit {
  readonly kind: "branches";
  /** Before the names of everything inside; empty for nothing. */
  readonly name: string;
  readonly branches: readonly (readonly Unit[])[];
}

export type Unit = ConvUnit | PoolUnit | BranchesUnit;

/** x [B, C, H, W] through units one after the other. */
export function runUnits(units: readonly Unit[], scope: Scope, x: Tensor): Tensor {
  return units.reduce((h, unit) => runUnit(unit, scope, h), x);
}

function runUnit(unit: Unit, scope: Scope, x: Tensor): Tensor {
  if (unit.kind === "conv") return runConv(unit, scope.child(unit.name), x);
  if (unit.kind === "branches") {
    const inside = unit.name === "" ? scope : scope.child(unit.name);
    return concat(
      unit.branches.map((branch) => runUnits(branch, inside, x)),
      1,
    );
  }
  return unit.kind === "maxPool" ? maxPool(x, unit) : averagePool(x, unit);
}

function runConv({ outputs, kernel, stride, padding }: ConvUnit, scope: Scope, x: Tensor): Tensor {
  const inputs = x.shape[1] as number;
  const weight = scope.parameter("weight", { shape: [outputs, inputs, ...kernel], init: fanIn(1) });
  const bias = scope.parameter("bias", { shape: [outputs], init: zero });
  const [rows, columns] = padding;
  const zeros = { top: rows, bottom: rows, left: columns, right: columns };
  return relu(conv2d(x, weight, bias, { stride, padding: zeros }));
}
