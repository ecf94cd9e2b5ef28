/**
 * Elementwise arithmetic of two operands with NumPy broadcasting.
 *
 * Gradient rules may return the shape of the output: the backward walk sums over broadcast axes.
 */
import { broadcastShapes } from "../broadcast.ts";
import type { Tensor } from "../node.ts";
import { apply, type GradientCall, type Op, requireDtype } from "../op.ts";
import { indicator, less, lessOrEqual } from "./compare.ts";
import { alignScalars } from "./scalar-rank.ts";
import { type Operand, tensorOf } from "./source.ts";

type NoAttributes = Record<never, never>;
type Rule = (call: GradientCall<NoAttributes>) => readonly (Tensor | undefined)[];

function binary(name: string, onnx: string, gradient: Rule): Op<NoAttributes> {
  return {
    name,
    infer: ([a, b]) => {
      requireDtype(name, a!, "float32", "int32", "int64");
      requireDtype(name, b!, a!.dtype);
      return [{ dtype: a!.dtype, shape: broadcastShapes(name, a!.shape, b!.shape) }];
    },
    emit: (emitter, { inputs, outputs, node }) => {
      emitter.node(onnx, alignScalars(emitter, inputs, node), outputs[0]!);
    },
    gradient,
  };
}

export const addOp: Op<NoAttributes> = binary("add", "Add", ({ g }) => [g, g]);
export const subtractOp: Op<NoAttributes> = binary("subtract", "Sub", ({ g }) => [g, negate(g)]);
export const multiplyOp: Op<NoAttributes> = binary("multiply", "Mul", ({ g, inputs: [a, b] }) => [
  multiply(g, b!),
  multiply(g, a!),
]);
export const divideOp: Op<NoAttributes> = binary(
  "divide",
  "Div",
  // ∂(a/b)/∂b = −(a/b)/b, and a/b is the output
  ({ g, inputs: [, b], outputs: [y] }) => {
    const scaled = divide(g, b!);
    return [scaled, negate(multiply(scaled, y!))];
  },
);
// where the operands are equal the second one gets the whole gradient of a maximum, the first one
// that of a minimum: any split is a subgradient, and this one needs a single mask
export const maximumOp: Op<NoAttributes> = binary("maximum", "Max", ({ g, inputs: [a, b] }) => {
  const second = indicator(lessOrEqual(a!, b!));
  return [multiply(g, subtract(1, second)), multiply(g, second)];
});
export const minimumOp: Op<NoAttributes> = binary("minimum", "Min", ({ g, inputs: [a, b] }) => {
  const second = indicator(less(b!, a!));
  return [multiply(g, subtract(1, second)), multiply(g, second)];
});

/** a + b */
export function add(a: Operand, b: Operand): Tensor {
  return apply(addOp, [tensorOf(a), tensorOf(b)], {});
}

/** a − b */
export function subtract(a: Operand, b: Operand): Tensor {
  return apply(subtractOp, [tensorOf(a), tensorOf(b)], {});
}

/** a ⊙ b */
export function multiply(a: Operand, b: Operand): Tensor {
  return apply(multiplyOp, [tensorOf(a), tensorOf(b)], {});
}

/** a / b */
export function divide(a: Operand, b: Operand): Tensor {
  return apply(divideOp, [tensorOf(a), tensorOf(b)], {});
}

export function maximum(a: Operand, b: Operand): Tensor {
  return apply(maximumOp, [tensorOf(a), tensorOf(b)], {});
}

export function minimum(a: Operand, b: Operand): Tensor {
  return apply(minimumOp, [tensorOf(a), tensorOf(b)], {});
}

export const negateOp: Op<NoAttributes> = {
  name: "negate",
  infer: ([x]) => {
    requireDtype("negate", x!, "float32");
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (emitter, { inputs, outputs }) => {
    emitter.node("Neg", inputs, outputs[0]!);
  },
  gradient: ({ g }) => [negate(g)],
};

/** −x */
export function negate(x: Tensor): Tensor {
  return apply(negateOp, [x], {});
}
