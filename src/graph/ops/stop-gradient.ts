/** Where gradients end. */
import type { Tensor } from "../node.ts";
import { apply, type Op } from "../op.ts";
import { add, subtract } from "./arithmetic.ts";

export const stopGradientOp: Op<Record<never, never>> = {
  name: "stopGradient",
  alias: true,
  infer: ([x]) => [x!],
  emit: () => {},
  gradient: null,
};

/** The same value, through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopGradientOp, [x], {});
}

/**
 * The value of `quantized` with the gradient of `x`: x + sg(quantized − x), the straight-through
 * estimator (Bengio et al. 2013).
 */
export function straightThrough(x: Tensor, quantized: Tensor): Tensor {
  return add(x, stopGradient(subtract(quantized, x)));
}
