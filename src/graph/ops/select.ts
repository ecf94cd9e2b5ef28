/** Choosing between two tensors element by element. */
import { broadcastShapes } from "../broadcast.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireDtype } from "../op.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { indicator } from "./compare.ts";
import { type Operand, tensorOf } from "./source.ts";

export const whereOp: Op<Record<never, never>> = {
  name: "where",
  infer: ([condition, a, b]) => {
    requireDtype("where", condition!, "bool");
    requireDtype("where", b!, a!.dtype);
    const values = broadcastShapes("where", a!.shape, b!.shape);
    return [{ dtype: a!.dtype, shape: broadcastShapes("where", condition!.shape, values) }];
  },
  emit: (emitter, { inputs, outputs }) => {
    emitter.node("Where", inputs, outputs[0]!);
  },
  gradient: ({ g, inputs: [condition] }) => {
    const chosen = indicator(condition!);
    return [undefined, multiply(g, chosen), multiply(g, subtract(1, chosen))];
  },
};

/** a where the condition holds, else b. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply(whereOp, [condition, tensorOf(a), tensorOf(b)], {});
}
