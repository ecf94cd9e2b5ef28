/** NumPy's broadcasting rule for shapes. */
import { ShapeError } from "../errors.ts";
import { type Dim, equalDims, type Shape, shapeText } from "./dim.ts";

/**
 * The common shape of two operands: axes are matched from the end, and an axis of 1 stretches.
 *
 * @throws ShapeError if two axes differ and neither is 1.
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (right === 1 || equalDims(left, right)) return left;
    if (left === 1) return right;
    throw new ShapeError({
      where,
      expected: `shapes that broadcast`,
      got: `${shapeText(a)} and ${shapeText(b)}`,
    });
  });
}

/** @throws ShapeError unless broadcasting stretches a tensor of shape `from` to exactly `to`. */
export function requireStretches(where: string, from: Shape, to: Shape): void {
  const extra = to.length - from.length;
  if (extra >= 0 && from.every((dim, i) => dim === 1 || equalDims(dim, to[i + extra]!))) return;
  throw new ShapeError({
    where,
    expected: `a shape that broadcasts to ${shapeText(to)}`,
    got: shapeText(from),
  });
}

/** The axes of `to` that were stretched or added when a tensor of shape `from` was broadcast. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length;
  return to.flatMap((dim, i) => {
    const source = from[i - offset];
    return source === undefined || (source === 1 && dim !== 1) ? [i] : [];
  });
}
