/** Comparisons (bool results) and changes of dtype. Neither has a gradient of its own. */
import { broadcastShapes } from "../broadcast.ts";
import { type Dtype, onnxCode } from "../dtype.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireDtype } from "../op.ts";
import { alignScalars } from "./scalar-rank.ts";
import { type Operand, tensorOf } from "./source.ts";

type NoAttributes = Record<never, never>;

function comparison(name: string, onnx: string): Op<NoAttributes> {
  return {
    name,
    infer: ([a, b]) => {
      requireDtype(name, b!, a!.dtype);
      return [{ dtype: "bool", shape: broadcastShapes(name, a!.shape, b!.shape) }];
    },
    emit: (emitter, { inputs, outputs, node }) => {
      emitter.node(onnx, alignScalars(emitter, inputs, node), outputs[0]!);
    },
    gradient: null,
  };
}

export const lessOp: Op<NoAttributes> = comparison("less", "Less");
export const lessOrEqualOp: Op<NoAttributes> = comparison("lessOrEqual", "LessOrEqual");
export const equalOp: Op<NoAttributes> = comparison("equal", "Equal");

export function less(a: Operand, b: Operand): Tensor {
  return apply(lessOp, [tensorOf(a), tensorOf(b)], {});
}

export function lessOrEqual(a: Operand, b: Operand): Tensor {
  return apply(lessOrEqualOp, [tensorOf(a), tensorOf(b)], {});
}

export function equal(a: Operand, b: Operand): Tensor {
  return apply(equalOp, [tensorOf(a), tensorOf(b)], {});
}

export const castOp: Op<{ readonly to: Dtype }> = {
  name: "cast",
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  emit: (emitter, { inputs, outputs, attributes }) => {
    const to = { int: onnxCode(attributes.to) };
    emitter.node("Cast", inputs, outputs[0]!, { attributes: { to } });
  },
  // only float to float carries a gradient; positions and truth values are not quantities
  gradient: ({ g, inputs: [x] }) => {
    const float = x!.dtype === "float32" || x!.dtype === "float16";
    return [float ? apply(castOp, [g], { to: x!.dtype }) : undefined];
  },
};

/** The same values as another dtype; fractions are cut towards zero. */
export function cast(x: Tensor, to: Dtype): Tensor {
  return x.dtype === to ? x : apply(castOp, [x], { to });
}

/** 1 where the condition holds, else 0, as float32. */
export function indicator(condition: Tensor): Tensor {
  return cast(condition, "float32");
}
