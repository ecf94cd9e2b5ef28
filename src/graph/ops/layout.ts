/** Ops that change the shape of a tensor and keep all of its elements, or repeat them. */
import { ShapeError } from "../../errors.ts";
import { requireStretches } from "../broadcast.ts";
import {
  addDims,
  dimText,
  divideDim,
  equalDims,
  equalShapes,
  type Shape,
  shapeText,
  sizeOf,
} from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, applyAll, type Op, requireAxis } from "../op.ts";
import { scalar } from "./source.ts";

export const reshapeOp: Op<{ readonly shape: Shape }> = {
  name: "reshape",
  infer: ([x], { shape }) => {
    const before = sizeOf(x!.shape);
    const after = sizeOf(shape);
    if (before !== null && after !== null && !equalDims(before, after)) {
      throw new ShapeError({
        where: "reshape",
        expected: `as many elements as ${shapeText(x!.shape)}`,
        got: shapeText(shape),
      });
    }
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (emitter, { inputs, outputs, attributes: { shape }, node }) => {
    const target = emitter.ints(runtimeShape(shape, node.inputs[0]!.shape));
    emitter.node("Reshape", [inputs[0]!, target], outputs[0]!);
  },
  gradient: ({ g, inputs: [x] }) => [reshape(g, x!.shape)],
};

/** ONNX's shape vector: 0 copies the input's dim at that place, −1 stands for what is left over. */
function runtimeShape(shape: Shape, from: Shape): number[] {
  let inferred = false;
  return shape.map((dim, i) => {
    if (typeof dim === "number") return dim;
    const source = from[i];
    if (source !== undefined && equalDims(source, dim)) return 0;
    if (inferred) {
      throw new ShapeError({
        where: "reshape",
        expected: "at most one named size in a new place",
        got: `${shapeText(from)} to ${shapeText(shape)}`,
      });
    }
    inferred = true;
    return -1;
  });
}

/** The same elements in row-major order under another shape; at most one dim may be −1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const target = shape.includes(-1) ? fillIn(x, shape) : shape;
  if (equalShapes(x.shape, target)) return x;
  // a reshape of a reshape needs only the last one
  const source = x.node.op === (reshapeOp as Op<never>) ? x.node.inputs[0]! : x;
  return apply(reshapeOp, [source], { shape: target });
}

function fillIn(x: Tensor, shape: Shape): Shape {
  const total = sizeOf(x.shape);
  const known = sizeOf(shape.map((dim) => (dim === -1 ? 1 : dim)));
  const missing = total === null || typeof known !== "number" ? null : divideDim(total, known);
  if (missing === null) {
    throw new ShapeError({
      where: "reshape",
      expected: `a shape that fits ${shapeText(x.shape)}`,
      got: shapeText(shape),
    });
  }
  return shape.map((dim) => (dim === -1 ? missing : dim));
}

export const transposeOp: Op<{ readonly axes: readonly number[] }> = {
  name: "transpose",
  infer: ([x], { axes }) => {
    const rank = x!.shape.length;
    if (axes.length !== rank || new Set(axes).size !== rank) {
      throw new ShapeError({
        where: "transpose",
        expected: `a permutation of the ${rank} axes`,
        got: `[${axes.join(", ")}]`,
      });
    }
    return [{ dtype: x!.dtype, shape: axes.map((axis) => x!.shape[axis]!) }];
  },
  emit: (emitter, { inputs, outputs, attributes: { axes } }) => {
    emitter.node("Transpose", inputs, outputs[0]!, { attributes: { perm: { ints: axes } } });
  },
  gradient: ({ g, attributes: { axes } }) => {
    const inverse = axes.map((_, i) => axes.indexOf(i));
    return [transpose(g, inverse)];
  },
};

/** Axis i of the result is axis `axes[i]` of `x`. */
export function transpose(x: Tensor, axes: readonly number[]): Tensor {
  if (axes.every((axis, i) => axis === i)) return x;
  const { op, inputs, attributes } = x.node;
  if (op !== (transposeOp as Op<never>)) return apply(transposeOp, [x], { axes });
  // a transpose of a transpose needs only one
  const before = (attributes as { readonly axes: readonly number[] }).axes;
  return transpose(
    inputs[0]!,
    axes.map((axis) => before[axis]!),
  );
}

export const concatOp: Op<{ readonly axis: number }> = {
  name: "concat",
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    const at = requireAxis("concat", first, axis);
    for (const x of inputs) {
      const fits =
        x.shape.length === first.shape.length &&
        x.dtype === first.dtype &&
        x.shape.every((dim, i) => i === at || equalDims(dim, first.shape[i]!));
      if (fits) continue;
      throw new ShapeError({
        where: "concat",
        expected: `tensors like ${first.dtype} ${shapeText(first.shape)} outside axis ${at}`,
        got: `${x.dtype} ${shapeText(x.shape)}`,
      });
    }
    const total = inputs.map((x) => x.shape[at]!).reduce(addDims);
    return [{ dtype: first.dtype, shape: first.shape.map((dim, i) => (i === at ? total : dim)) }];
  },
  emit: (emitter, { inputs, outputs, attributes: { axis } }) => {
    emitter.node("Concat", inputs, outputs[0]!, { attributes: { axis: { int: axis } } });
  },
  gradient: ({ g, inputs, attributes: { axis } }) => {
    const sizes = inputs.map((x) => x.shape.at(axis)!);
    if (sizes.every((size) => typeof size === "number")) return split(g, sizes, axis);
    throw new ShapeError({
      where: "gradient of concat",
      expected: `known sizes along axis ${axis}`,
      got: sizes.map(dimText).join(" + "),
    });
  },
};

export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  return inputs.length === 1 ? inputs[0]! : apply(concatOp, inputs, { axis });
}

export const splitOp: Op<{ readonly sizes: readonly number[]; readonly axis: number }> = {
  name: "split",
  infer: ([x], { sizes, axis }) => {
    const at = requireAxis("split", x!, axis);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (!equalDims(x!.shape[at]!, total)) {
      throw new ShapeError({
        where: "split",
        expected: `parts that sum to axis ${at} of ${shapeText(x!.shape)}`,
        got: sizes.join(" + "),
      });
    }
    return sizes.map((size) => ({
      dtype: x!.dtype,
      shape: x!.shape.map((dim, i) => (i === at ? size : dim)),
    }));
  },
  emit: (emitter, { inputs, outputs, attributes: { sizes, axis } }) => {
    const attributes = { axis: { int: axis } };
    emitter.nodes("Split", [inputs[0]!, emitter.ints(sizes)], outputs, { attributes });
  },
  gradient: ({ gradients, outputs, attributes: { axis } }) => {
    const parts = gradients.map((g, i) => g ?? zeros(outputs[i]!.shape));
    return [concat(parts, axis)];
  },
};

/** Consecutive parts of the given sizes along one axis. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  return sizes.length === 1 ? [x] : applyAll(splitOp, [x], { sizes, axis });
}

/** Equal parts along one axis. @throws ShapeError if the axis cannot be divided. */
export function chunk(x: Tensor, count: number, axis: number): readonly Tensor[] {
  const size = divideDim(x.shape[requireAxis("chunk", x, axis)]!, count);
  if (typeof size === "number") return split(x, Array<number>(count).fill(size), axis);
  throw new ShapeError({
    where: "chunk",
    expected: `axis ${axis} divisible by ${count}`,
    got: shapeText(x.shape),
  });
}

export const expandOp: Op<{ readonly shape: readonly number[] }> = {
  name: "expand",
  infer: ([x], { shape }) => {
    requireStretches("expand", x!.shape, shape);
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (emitter, { inputs, outputs, attributes: { shape } }) => {
    emitter.node("Expand", [inputs[0]!, emitter.ints(shape)], outputs[0]!);
  },
  // the backward walk sums over the stretched axes
  gradient: ({ g }) => [g],
};

/** Repeats axes of size 1 until the shape is `shape`, which must be known. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (equalShapes(x.shape, shape)) return x;
  const known = shape.filter((dim) => typeof dim === "number");
  if (known.length === shape.length) return apply(expandOp, [x], { shape: known });
  throw new ShapeError({ where: "expand", expected: "known sizes", got: shapeText(shape) });
}

/** A float32 tensor of zeros; its shape must be known. */
export function zeros(shape: Shape): Tensor {
  return expand(scalar(0), shape);
}
