/** Finds the named sizes of a graph in what it is fed, and checks every dimension on the way. */
import { ShapeError } from "../errors.ts";
import { type Dim, evaluateDim, type Shape, type Sizes, shapeText } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";

/**
 * Solves for the named sizes. Dimensions that are one name plus a constant define it; all others
 * are checked against the result.
 *
 * @throws ShapeError naming the first input that does not fit.
 */
export function bindSizes(
  inputs: ReadonlyMap<string, Tensor>,
  dimsOf: (name: string) => readonly number[],
): Sizes {
  const sizes = new Map<string, number>();
  for (const [name, { shape }] of inputs) {
    const dims = dimsOf(name);
    shape.forEach((dim, i) => {
      define(dim, dims[i], sizes);
    });
  }
  for (const [name, { shape }] of inputs) check(name, shape, dimsOf(name), sizes);
  return sizes;
}

function define(dim: Dim, actual: number | undefined, sizes: Map<string, number>): void {
  if (typeof dim === "number" || actual === undefined || dim.terms.size !== 1) return;
  const [name, factor] = [...dim.terms][0]!;
  if (!sizes.has(name)) sizes.set(name, (actual - dim.constant) / factor);
}

function check(name: string, shape: Shape, dims: readonly number[], sizes: Sizes): void {
  const fits =
    shape.length === dims.length && shape.every((dim, i) => evaluateDim(dim, sizes) === dims[i]);
  if (fits) return;
  const known = [...sizes].map(([key, value]) => `${key} = ${value}`).join(", ");
  throw new ShapeError({
    where: name,
    expected: shapeText(shape) + (known ? ` with ${known}` : ""),
    got: `[${dims.join(", ")}]`,
  });
}
