/** Reductions. They keep the reduced axes with size 1, as in ONNX, so that results broadcast back. */
import { sizeOf } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireAxis, requireDtype } from "../op.ts";
import { divide, multiply } from "./arithmetic.ts";
import { equal, indicator } from "./compare.ts";
import { expand } from "./layout.ts";

interface Axes {
  readonly axes: readonly number[];
}

function reduction(name: string, onnx: string, gradient: Op<Axes>["gradient"]): Op<Axes> {
  return {
    name,
    infer: ([x], { axes }) => {
      requireDtype(name, x!, "float32", "int32");
      return [{ dtype: x!.dtype, shape: x!.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) }];
    },
    emit: (emitter, { inputs, outputs, attributes: { axes } }) => {
      const attributes = { keepdims: { int: 1 } };
      emitter.node(onnx, [inputs[0]!, emitter.ints(axes)], outputs[0]!, { attributes });
    },
    gradient,
  };
}

export const sumOp: Op<Axes> = reduction("sum", "ReduceSum", ({ g, inputs: [x] }) => [
  expand(g, x!.shape),
]);

export const meanOp: Op<Axes> = reduction(
  "mean",
  "ReduceMean",
  ({ g, inputs: [x], outputs: [y] }) => {
    const count = (sizeOf(x!.shape) as number) / (sizeOf(y!.shape) as number);
    return [expand(multiply(g, 1 / count), x!.shape)];
  },
);

// equal maxima share the gradient
export const maxOp: Op<Axes> = reduction(
  "max",
  "ReduceMax",
  ({ g, inputs: [x], outputs: [y], attributes: { axes } }) => {
    const winners = indicator(equal(x!, y!));
    return [multiply(divide(g, apply(sumOp, [winners], { axes })), winners)];
  },
);

type Reduction = (x: Tensor, ...axes: number[]) => Tensor;

function reducer(op: Op<Axes>): Reduction {
  return (x, ...axes) => {
    const wanted = axes.length > 0 ? axes : x.shape.map((_, i) => i);
    return apply(op, [x], { axes: wanted.map((axis) => requireAxis(op.name, x, axis)) });
  };
}

/** Sum over the given axes, or over all. */
export const sum: Reduction = reducer(sumOp);
/** Mean over the given axes, or over all. */
export const mean: Reduction = reducer(meanOp);
/** Largest element over the given axes, or over all. */
export const max: Reduction = reducer(maxOp);

export const sumOfSquaresOp: Op<Axes> = reduction(
  "sumOfSquares",
  "ReduceSumSquare",
  ({ g, inputs: [x] }) => [multiply(multiply(x!, 2), g)],
);

/** Σ x² over the given axes, or over all, in one pass. */
export const sumOfSquares: Reduction = reducer(sumOfSquaresOp);
