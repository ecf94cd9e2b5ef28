/** Tensors as plain numbers, for the reference values of op cases: slow, obvious, float64. */
import type { TypedArray } from "../../src/graph/dtype.ts";

export interface Plain {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

export function plain(data: TypedArray, dims: readonly number[]): Plain {
  return { dims, data: Array.from(data as Iterable<number | bigint>, Number) };
}

/**
 * The element at an index. Broadcasts as NumPy does: leading axes that `x` lacks are ignored, and
 * an axis of 1 is read at 0.
 */
export function at(x: Plain, ...index: readonly number[]): number {
  const own = index.slice(index.length - x.dims.length);
  let offset = 0;
  x.dims.forEach((size, axis) => {
    offset = offset * size + (size === 1 ? 0 : own[axis]!);
  });
  return x.data[offset]!;
}

/** f at every index of a shape, in row-major order. */
export function tabulate(
  dims: readonly number[],
  f: (...index: readonly number[]) => number,
): number[] {
  const values: number[] = [];
  const walk = (index: readonly number[]) => {
    if (index.length === dims.length) values.push(f(...index));
    else for (let i = 0; i < dims[index.length]!; i++) walk([...index, i]);
  };
  walk([]);
  return values;
}

/** f(0) + … + f(n − 1) */
export function total(n: number, f: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += f(i);
  return sum;
}

export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/** Applies f element by element, with broadcasting. */
export function pointwise(
  f: (...values: number[]) => number,
): (...inputs: readonly Plain[]) => number[] {
  return (...inputs) =>
    tabulate(broadcastDims(...inputs.map(({ dims }) => dims)), (...index) =>
      f(...inputs.map((x) => at(x, ...index))),
    );
}

/** Groups of values that a reduction over `axes` merges, in the order of its result. */
export function reduced(
  x: Plain,
  axes: readonly number[],
  f: (values: readonly number[]) => number,
): number[] {
  const kept = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const inner = x.dims.map((size, axis) => (axes.includes(axis) ? size : 1));
  return tabulate(kept, (...outer) =>
    f(tabulate(inner, (...offset) => at(x, ...outer.map((o, axis) => o + offset[axis]!)))),
  );
}

/** Every line of `x` along the last axis, replaced by what f makes of it. */
export function rowwise(x: Plain, f: (row: readonly number[]) => readonly number[]): number[] {
  const width = x.dims.at(-1)!;
  const data = Array.from(x.data);
  return Array.from({ length: data.length / width }, (_, i) =>
    f(data.slice(i * width, (i + 1) * width)),
  ).flat();
}
