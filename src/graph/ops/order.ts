/** Ops that rank elements or run along an axis in order. */
import { ShapeError } from "../../errors.ts";
import { shapeText } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, applyAll, type Op, requireAxis, requireDtype } from "../op.ts";

export const argmaxOp: Op<{ readonly axis: number }> = {
  name: "argmax",
  infer: ([x], { axis }) => [{ dtype: "int64", shape: x!.shape.filter((_, i) => i !== axis) }],
  emit: (emitter, { inputs, outputs, attributes: { axis } }) => {
    const attributes = { axis: { int: axis }, keepdims: { int: 0 } };
    emitter.node("ArgMax", inputs, outputs[0]!, { attributes });
  },
  gradient: null,
};

/** Position of the largest element along an axis, the first one where several are equal. */
export function argmax(x: Tensor, axis = -1): Tensor {
  return apply(argmaxOp, [x], { axis: requireAxis("argmax", x, axis) });
}

/** Outputs: the k largest elements in descending order, and their positions. */
export const topKOp: Op<{ readonly k: number }> = {
  name: "topK",
  infer: ([x], { k }) => {
    const size = x!.shape.at(requireAxis("topK", x!, -1))!;
    if (!Number.isSafeInteger(k) || k < 1 || (typeof size === "number" && k > size)) {
      throw new ShapeError({
        where: "topK",
        expected: `k from 1 to the last axis of ${shapeText(x!.shape)}`,
        got: String(k),
      });
    }
    const shape = [...x!.shape.slice(0, -1), k];
    return [
      { dtype: x!.dtype, shape },
      { dtype: "int64", shape },
    ];
  },
  emit: (emitter, { inputs, outputs, attributes: { k } }) => {
    const attributes = { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: 1 } };
    emitter.nodes("TopK", [inputs[0]!, emitter.ints([k])], outputs, { attributes });
  },
  gradient: null,
};

export function topK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const [values, indices] = applyAll(topKOp, [x], { k }) as [Tensor, Tensor];
  return { values, indices };
}

export const cumulativeSumOp: Op<{ readonly axis: number; readonly reverse: boolean }> = {
  name: "cumulativeSum",
  infer: ([x]) => {
    requireDtype("cumulativeSum", x!, "float32");
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (emitter, { inputs, outputs, attributes: { axis, reverse } }) => {
    const at = emitter.constant("int64", [], BigInt64Array.of(BigInt(axis)));
    const attributes = { reverse: { int: reverse ? 1 : 0 } };
    emitter.node("CumSum", [inputs[0]!, at], outputs[0]!, { attributes });
  },
  // an element counts in every later sum, so its gradient is the sum from there on
  gradient: ({ g, attributes: { axis, reverse } }) => [
    apply(cumulativeSumOp, [g], { axis, reverse: !reverse }),
  ],
};

/** y_i = Σ_{j ≤ i} x_j along an axis. */
export function cumulativeSum(x: Tensor, axis = -1): Tensor {
  return apply(cumulativeSumOp, [x], {
    axis: requireAxis("cumulativeSum", x, axis),
    reverse: false,
  });
}
