/** Elementwise functions of one float operand. */
import type { Emitter } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { apply, type GradientCall, type Op, requireDtype } from "../op.ts";
import { add, divide, multiply, negate, subtract } from "./arithmetic.ts";
import { indicator, less } from "./compare.ts";

type NoAttributes = Record<never, never>;
type Emit = (emitter: Emitter, x: string, y: string) => void;
/** The derivative dy/dx, from the input and the output. */
type Derivative = (x: Tensor, y: Tensor) => Tensor;

function unary(name: string, emit: string | Emit, derivative: Derivative | null): Op<NoAttributes> {
  const rule = (call: GradientCall<NoAttributes>) => [
    multiply(call.g, derivative!(call.inputs[0]!, call.outputs[0]!)),
  ];
  return {
    name,
    infer: ([x]) => {
      requireDtype(name, x!, "float32");
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    emit: (emitter, { inputs, outputs }) => {
      if (typeof emit === "string") emitter.node(emit, inputs, outputs[0]!);
      else emit(emitter, inputs[0]!, outputs[0]!);
    },
    gradient: derivative && rule,
  };
}

export const expOp: Op<NoAttributes> = unary("exp", "Exp", (_, y) => y);
export const logOp: Op<NoAttributes> = unary("log", "Log", (x) => divide(1, x));
export const sqrtOp: Op<NoAttributes> = unary("sqrt", "Sqrt", (_, y) => divide(0.5, y));
export const reciprocalOp: Op<NoAttributes> = unary("reciprocal", "Reciprocal", (_, y) =>
  negate(square(y)),
);
export const absOp: Op<NoAttributes> = unary("abs", "Abs", (x) =>
  // 0 at 0: the middle of the subgradients
  subtract(indicator(less(0, x)), indicator(less(x, 0))),
);
export const sigmoidOp: Op<NoAttributes> = unary("sigmoid", "Sigmoid", (_, y) =>
  multiply(y, subtract(1, y)),
);
export const tanhOp: Op<NoAttributes> = unary("tanh", "Tanh", (_, y) => subtract(1, square(y)));
export const reluOp: Op<NoAttributes> = unary("relu", "Relu", (x) => indicator(less(0, x)));
export const sinOp: Op<NoAttributes> = unary("sin", "Sin", (x) => cos(x));
export const cosOp: Op<NoAttributes> = unary("cos", "Cos", (x) => negate(sin(x)));
export const erfOp: Op<NoAttributes> = unary("erf", "Erf", (x) =>
  multiply(2 / Math.sqrt(Math.PI), exp(negate(square(x)))),
);
export const floorOp: Op<NoAttributes> = unary("floor", "Floor", null);
export const siluOp: Op<NoAttributes> = unary(
  "silu",
  (emitter, x, y) => {
    if (emitter.target === "portable") emitter.node("Mul", [x, emitter.node("Sigmoid", [x])], y);
    // one pass instead of two: ENGINE 4
    else emitter.node("QuickGelu", [x], y, contrib({ alpha: { float: 1 } }));
  },
  // y = x·s(x): y' = s + y·(1 − s)
  (x, y) => {
    const s = sigmoid(x);
    return add(s, multiply(y, subtract(1, s)));
  },
);

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

export const geluOp: Op<NoAttributes> = unary(
  "gelu",
  (emitter, x, y) => {
    if (emitter.target === "portable") {
      emitter.node("Gelu", [x], y, { attributes: { approximate: { text: "tanh" } } });
    } else emitter.node("FastGelu", [x], y, contrib({}));
  },
  // y = x·σ(2u), u = √(2/π)(x + 0.044715x³): y' = σ + y·(1 − σ)·2u'
  (x, y) => {
    const xx = square(x);
    const s = sigmoid(
      multiply(x, add(multiply(xx, 2 * SQRT_2_OVER_PI * 0.044715), 2 * SQRT_2_OVER_PI)),
    );
    const slope = add(multiply(xx, 6 * SQRT_2_OVER_PI * 0.044715), 2 * SQRT_2_OVER_PI);
    return add(s, multiply(multiply(y, subtract(1, s)), slope));
  },
);

export const exactGeluOp: Op<NoAttributes> = unary(
  "exactGelu",
  (emitter, x, y) => {
    if (emitter.target === "portable") {
      emitter.node("Gelu", [x], y, { attributes: { approximate: { text: "none" } } });
    } else emitter.node("Gelu", [x], y, contrib({}));
  },
  // y = x·Φ(x) with the normal distribution Φ: y' = Φ(x) + x·φ(x)
  (x) => {
    const below = multiply(0.5, add(1, erf(multiply(x, Math.SQRT1_2))));
    const density = multiply(1 / Math.sqrt(2 * Math.PI), exp(multiply(square(x), -0.5)));
    return add(below, multiply(x, density));
  },
);

function contrib(attributes: Record<string, { float: number }>) {
  return { domain: "com.microsoft", attributes };
}

const fn = (op: Op<NoAttributes>) => (x: Tensor) => apply(op, [x], {});

type Unary = (x: Tensor) => Tensor;
export const exp: Unary = fn(expOp);
/** Natural logarithm. */
export const log: Unary = fn(logOp);
export const sqrt: Unary = fn(sqrtOp);
export const reciprocal: Unary = fn(reciprocalOp);
export const abs: Unary = fn(absOp);
/** 1 / (1 + e⁻ˣ) */
export const sigmoid: Unary = fn(sigmoidOp);
export const tanh: Unary = fn(tanhOp);
export const relu: Unary = fn(reluOp);
export const sin: Unary = fn(sinOp);
export const cos: Unary = fn(cosOp);
export const erf: Unary = fn(erfOp);
/** The largest whole number not above x; no gradient. */
export const floor: Unary = fn(floorOp);
/** x·sigmoid(x) */
export const silu: Unary = fn(siluOp);
/** The tanh form of GELU, which the released VAR and LlamaGen weights use. */
export const gelu: Unary = fn(geluOp);
/** GELU itself, which the released MAR weights use. */
export const exactGelu: Unary = fn(exactGeluOp);
export const square: Unary = (x) => multiply(x, x);
