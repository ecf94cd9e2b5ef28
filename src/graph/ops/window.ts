/** Ops that cut windows out of a tensor or put zeros around it. */
import { ShapeError } from "../../errors.ts";
import { addDims, type Dim, dimText, equalDims, shapeText, subtractDims } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireAxis } from "../op.ts";
import { reshape } from "./layout.ts";

/** Elements start, start + step, … below `end` of one axis. */
export interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: Dim;
  readonly step?: number;
}

/** What ONNX takes for "to the end", in either direction. */
const END = 2 ** 31 - 1;

function rangeSize({ axis, start, end, step = 1 }: Range): Dim {
  const length = subtractDims(end, start);
  if (step === 1) return length;
  return Math.ceil(requireKnown("slice with a step", axis, length) / step);
}

function requireKnown(where: string, axis: number, dim: Dim): number {
  if (typeof dim === "number") return dim;
  throw new ShapeError({ where, expected: `a known size of axis ${axis}`, got: dimText(dim) });
}

/** How many elements of the axis lie behind the range. */
function rest(size: Dim, { axis, end }: Range): number {
  return requireKnown("what a slice leaves over", axis, subtractDims(size, end));
}

/** ONNX's end of a range: counted from the end where the size of the axis is a named one. */
function runtimeEnd(size: Dim, range: Range): number {
  if (typeof range.end === "number") return range.end;
  return -rest(size, range) || END;
}

export const sliceOp: Op<{ readonly ranges: readonly Range[] }> = {
  name: "slice",
  infer: ([x], { ranges }) => {
    const shape = [...x!.shape];
    for (const range of ranges) {
      // what it leaves over has to be a number of elements that is known now
      runtimeEnd(x!.shape[range.axis]!, range);
      shape[range.axis] = rangeSize(range);
    }
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (emitter, { inputs, outputs, attributes: { ranges }, node }) => {
    const { shape } = node.inputs[0]!;
    const bounds = [
      ranges.map(({ start }) => start),
      ranges.map((range) => runtimeEnd(shape[range.axis]!, range)),
      ranges.map(({ axis }) => axis),
      ranges.map(({ step = 1 }) => step),
    ];
    emitter.node("Slice", [inputs[0]!, ...bounds.map((b) => emitter.ints(b))], outputs[0]!);
  },
  gradient: ({ g, inputs: [x], attributes: { ranges } }) => {
    const before = x!.shape.map(() => 0);
    const after = x!.shape.map(() => 0);
    let spread = g;
    for (const range of ranges) {
      const { axis, start, end, step = 1 } = range;
      before[axis] = start;
      after[axis] = rest(x!.shape[axis]!, range);
      if (step !== 1) spread = dilate(spread, axis, step, (end as number) - start);
    }
    return [padAll(spread, before, after)];
  },
};

/** Puts step − 1 zeros after every element of an axis and cuts it to `length`. */
function dilate(g: Tensor, axis: number, step: number, length: number): Tensor {
  const count = g.shape[axis] as number;
  const apart = [...g.shape.slice(0, axis + 1), 1, ...g.shape.slice(axis + 1)];
  const spread = pad(reshape(g, apart), axis + 1, 0, step - 1);
  const merged = g.shape.map((dim, i) => (i === axis ? count * step : dim));
  return slice(reshape(spread, merged), axis, 0, length);
}

/**
 * The window that the ranges cut out, all axes at once.
 *
 * @throws ShapeError if a range lies outside its axis.
 */
export function sliceAll(x: Tensor, ranges: readonly Range[]): Tensor {
  const cuts = ranges.filter(({ axis, start, end, step = 1 }) => {
    const size = x.shape[requireAxis("slice", x, axis)]!;
    const outside =
      start < 0 ||
      (typeof end === "number" && (start > end || (typeof size === "number" && end > size)));
    if (outside) {
      throw new ShapeError({
        where: "slice",
        expected: `a range inside axis ${axis} of ${shapeText(x.shape)}`,
        got: shapeText([start, end]),
      });
    }
    return start !== 0 || step !== 1 || !equalDims(end, size);
  });
  return cuts.length === 0 ? x : apply(sliceOp, [x], { ranges: cuts });
}

/** Elements start, start + step, … below `end` (default: all that follow) of one axis. */
export function slice(x: Tensor, axis: number, start: number, end?: Dim, step = 1): Tensor {
  const at = requireAxis("slice", x, axis);
  return sliceAll(x, [{ axis: at, start, end: end ?? x.shape[at]!, step }]);
}

export const reverseOp: Op<{ readonly axes: readonly number[] }> = {
  name: "reverse",
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  emit: (emitter, { inputs, outputs, attributes: { axes } }) => {
    const bounds = [axes.map(() => -1), axes.map(() => -END), axes, axes.map(() => -1)];
    emitter.node("Slice", [inputs[0]!, ...bounds.map((b) => emitter.ints(b))], outputs[0]!);
  },
  gradient: ({ g, attributes: { axes } }) => [reverse(g, axes)],
};

/** Runs through the given axes backwards. */
export function reverse(x: Tensor, axes: readonly number[]): Tensor {
  return apply(reverseOp, [x], { axes });
}

export const padOp: Op<{ readonly before: readonly number[]; readonly after: readonly number[] }> =
  {
    name: "pad",
    infer: ([x], { before, after }) => [
      {
        dtype: x!.dtype,
        shape: x!.shape.map((dim, i) => addDims(dim, before[i]! + after[i]!)),
      },
    ],
    emit: (emitter, { inputs, outputs, attributes: { before, after } }) => {
      emitter.node("Pad", [inputs[0]!, emitter.ints([...before, ...after])], outputs[0]!);
    },
    gradient: ({ g, inputs: [x], attributes: { before } }) => {
      const ranges = x!.shape.map((size, axis) => {
        const start = before[axis]!;
        return { axis, start, end: addDims(size, start) };
      });
      return [sliceAll(g, ranges)];
    },
  };

/** Zeros around every axis. */
export function padAll(
  x: Tensor,
  before: readonly number[],
  after: readonly number[] = before,
): Tensor {
  const nothing = [...before, ...after].every((count) => count === 0);
  return nothing ? x : apply(padOp, [x], { before, after });
}

/** Zeros before and after one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  const at = requireAxis("pad", x, axis);
  const only = (count: number) => x.shape.map((_, i) => (i === at ? count : 0));
  return padAll(x, only(before), only(after));
}
