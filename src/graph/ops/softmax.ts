/** Probabilities and the losses that come with them. */
import { ShapeError } from "../../errors.ts";
import { equalDims, shapeText } from "../dim.ts";
import type { Emitter } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireAxis, requireDtype, requireRank } from "../op.ts";
import { multiply, negate, subtract } from "./arithmetic.ts";
import { scatterAddElements } from "./indexing.ts";
import { sum } from "./reduce.ts";
import { exp } from "./unary.ts";

interface Axis {
  readonly axis: number;
}

export const softmaxOp: Op<Axis> = {
  name: "softmax",
  infer: ([x]) => {
    requireDtype("softmax", x!, "float32");
    return [x!];
  },
  emit: (emitter, { inputs, outputs, attributes: { axis } }) => {
    emitter.node("Softmax", inputs, outputs[0]!, { attributes: { axis: { int: axis } } });
  },
  // y ⊙ (g − Σ g ⊙ y): raising all logits alike changes nothing, so that share drops out
  gradient: ({ g, outputs: [y], attributes: { axis } }) => [
    multiply(y!, subtract(g, sum(multiply(g, y!), axis))),
  ],
};

/** Probabilities along one axis: yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ). */
export function softmax(x: Tensor, axis = -1): Tensor {
  return apply(softmaxOp, [x], { axis: requireAxis("softmax", x, axis) });
}

function emitLogSoftmax(emitter: Emitter, x: string, y: string, axis: number): void {
  if (emitter.target !== "webgpu") {
    emitter.node("LogSoftmax", [x], y, { attributes: { axis: { int: axis } } });
    return;
  }
  // the WebGPU provider has no LogSoftmax (ENGINE 5)
  const axes = emitter.ints([axis]);
  const shifted = emitter.node("Sub", [x, emitter.node("ReduceMax", [x, axes])]);
  const total = emitter.node("ReduceSum", [emitter.node("Exp", [shifted]), axes]);
  emitter.node("Sub", [shifted, emitter.node("Log", [total])], y);
}

export const logSoftmaxOp: Op<Axis> = {
  name: "logSoftmax",
  infer: ([x]) => {
    requireDtype("logSoftmax", x!, "float32");
    return [x!];
  },
  emit: (emitter, { inputs, outputs, attributes: { axis } }) =>
    emitLogSoftmax(emitter, inputs[0]!, outputs[0]!, axis),
  gradient: ({ g, outputs: [y], attributes: { axis } }) => [
    subtract(g, multiply(exp(y!), sum(g, axis))),
  ],
};

/** log softmax(x) along one axis, without forming the probabilities. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return apply(logSoftmaxOp, [x], { axis: requireAxis("logSoftmax", x, axis) });
}

/** Outputs: the loss of each row, and the log-probabilities that its gradient needs. */
export const crossEntropyOp: Op<Record<never, never>> = {
  name: "crossEntropy",
  infer: ([logits, ids]) => {
    requireRank("crossEntropy", logits!, 2);
    requireDtype("crossEntropy", logits!, "float32");
    requireDtype("crossEntropy", ids!, "int32", "int64");
    const [rows, classes] = logits!.shape;
    const wanted = [rows!, 1];
    if (ids!.shape.length !== 2 || !equalDims(ids!.shape[0]!, rows!)) {
      throw new ShapeError({
        where: "crossEntropy",
        expected: `ids ${shapeText(wanted)}`,
        got: shapeText(ids!.shape),
      });
    }
    return [
      { dtype: "float32", shape: wanted },
      { dtype: "float32", shape: [rows!, classes!] },
    ];
  },
  emit: (emitter, { inputs: [logits, ids], outputs: [loss, logProbabilities] }) => {
    emitLogSoftmax(emitter, logits!, logProbabilities!, 1);
    const attributes = { axis: { int: 1 } };
    const picked = emitter.node("GatherElements", [logProbabilities!, ids!], undefined, {
      attributes,
    });
    emitter.node("Neg", [picked], loss!);
  },
  // ∂/∂x = p − onehot(id), scaled by the gradient of the row
  gradient: ({ g, inputs: [, ids], outputs: [, logProbabilities] }) => [
    scatterAddElements(multiply(g, exp(logProbabilities!)), ids!, negate(g)),
    undefined,
  ],
};

/** −log softmax(logits)[id] of every row. logits [N, V], ids [N, 1] int32 → [N, 1]. */
export function crossEntropy(logits: Tensor, ids: Tensor): Tensor {
  return apply(crossEntropyOp, [logits, ids], {});
}
