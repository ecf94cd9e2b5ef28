/**
 * Dimensions of tensors: known numbers, or linear expressions over named sizes that are known only
 * when a graph runs (`s` new tokens after `p` cached ones make `p + s` keys).
 */

/** A sum of named sizes with integer factors, plus a constant; at least one factor is not zero. */
export interface SymbolicDim {
  readonly terms: ReadonlyMap<string, number>;
  readonly constant: number;
}

export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];

/** A size that a graph learns when it runs. */
export function namedDim(name: string): SymbolicDim {
  return { terms: new Map([[name, 1]]), constant: 0 };
}

function simplify(terms: Map<string, number>, constant: number): Dim {
  for (const [name, factor] of terms) if (factor === 0) terms.delete(name);
  return terms.size === 0 ? constant : { terms, constant };
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number") {
    if (typeof b === "number") return a + b;
    return { terms: b.terms, constant: a + b.constant };
  }
  if (typeof b === "number") return { terms: a.terms, constant: a.constant + b };
  const terms = new Map(a.terms);
  for (const [name, factor] of b.terms) terms.set(name, (terms.get(name) ?? 0) + factor);
  return simplify(terms, a.constant + b.constant);
}

export function scaleDim(a: Dim, factor: number): Dim {
  if (typeof a === "number") return a * factor;
  const terms = new Map([...a.terms].map(([name, f]) => [name, f * factor]));
  return simplify(terms, a.constant * factor);
}

export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims(a, scaleDim(b, -1));
}

/** Exact quotient, or null where `divisor` does not divide every part of `a`. */
export function divideDim(a: Dim, divisor: number): Dim | null {
  if (typeof a === "number") return a % divisor === 0 ? a / divisor : null;
  const parts = [...a.terms.values(), a.constant];
  return parts.every((part) => part % divisor === 0) ? scaleDim(a, 1 / divisor) : null;
}

export function equalDims(a: Dim, b: Dim): boolean {
  return typeof subtractDims(a, b) === "number" && subtractDims(a, b) === 0;
}

export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => equalDims(dim, b[i]!));
}

/** Number of elements, or null where two named sizes would be multiplied. */
export function sizeOf(shape: Shape): Dim | null {
  let product: Dim = 1;
  for (const dim of shape) {
    if (typeof dim === "number") product = scaleDim(product, dim);
    else if (typeof product === "number") product = scaleDim(dim, product);
    else return null;
  }
  return product;
}

export function dimText(dim: Dim): string {
  if (typeof dim === "number") return String(dim);
  const parts = [...dim.terms].map(([name, factor]) => {
    const size = Math.abs(factor);
    return { text: size === 1 ? name : `${size}*${name}`, negative: factor < 0 };
  });
  const { constant } = dim;
  if (constant !== 0) parts.push({ text: String(Math.abs(constant)), negative: constant < 0 });
  const [first, ...others] = parts.map(({ text, negative }) => [negative ? "-" : "+", text]);
  const head = first![0] === "-" ? `-${first![1]}` : first![1]!;
  return [head, ...others.flat()].join(" ");
}

export function shapeText(shape: Shape): string {
  return `[${shape.map(dimText).join(", ")}]`;
}

export type Sizes = ReadonlyMap<string, number>;

/** The number that a dimension stands for once the named sizes are known. */
export function evaluateDim(dim: Dim, sizes: Sizes): number {
  if (typeof dim === "number") return dim;
  let value = dim.constant;
  for (const [name, factor] of dim.terms) {
    const size = sizes.get(name);
    if (size === undefined) throw new Error(`size ${name} is unknown`);
    value += factor * size;
  }
  return value;
}
