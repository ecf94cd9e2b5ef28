/** Finds the named sizes of a graph in what it is fed, and checks every dimension on the way. */
import { ShapeError } from "../errors.ts";
import { type Dim, evaluateDim, type Shape, type Sizes, shapeText } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";

/**
 * Solves for the named sizes. Dimensions that are one name plus a constant define it; all others
 * are checked against the result.
 *
 * @param owner what has these inputs, for errors.
 * @throws ShapeError naming the first input that does not fit.
 */
export function bindSizes(
  inputs: ReadonlyMap<string, Tensor>,
  dimsOf: (name: string) => readonly number[],
  owner = "",
): Sizes {
  const sizes = new Map<string, number>();
  for (const [name, { shape }] of inputs) {
    const dims = dimsOf(name);
    shape.forEach((dim, i) => {
      define(dim, dims[i], sizes);
    });
  }
  for (const [name, { shape }] of inputs) {
    check(owner ? `${owner}: ${name}` : name, shape, dimsOf(name), sizes);
  }
  return sizes;
}

function define(dim: Dim, actual: number | undefined, sizes: Map<string, number>): void {
  if (typeof dim === "number" || actual === undefined || dim.terms.size !== 1) return;
  const [name, factor] = [...dim.terms][0]!;
  const size = (actual - dim.constant) / factor;
  // 2·s is no odd number, and s + 3 not 2: `check` will name the input
  if (!sizes.has(name) && Number.isInteger(size) && size >= 0) sizes.set(name, size);
}

function check(where: string, shape: Shape, dims: readonly number[], sizes: Sizes): void {
  const fits =
    shape.length === dims.length &&
    shape.every((dim, i) => isKnown(dim, sizes) && evaluateDim(dim, sizes) === dims[i]);
  if (fits) return;
  const used = new Set(
    shape.flatMap((dim) => (typeof dim === "number" ? [] : [...dim.terms.keys()])),
  );
  const known = [...sizes]
    .filter(([key]) => used.has(key))
    .map(([key, value]) => `${key} = ${value}`)
    .join(", ");
  throw new ShapeError({
    where,
    expected: shapeText(shape) + (known ? ` with ${known}` : ""),
    got: `[${dims.join(", ")}]`,
  });
}

function isKnown(dim: Dim, sizes: Sizes): boolean {
  return typeof dim === "number" || [...dim.terms.keys()].every((name) => sizes.has(name));
}
