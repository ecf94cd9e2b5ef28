/**
 * Layers as values. A layer names its parts; binding it to a scope gives a function from tensors to
 * tensors. The keys of the parts make the parameter paths (`blocks.3.attention.qkv.weight`), which
 * checkpoints, errors and optimisers all use.
 */
import { ShapeError } from "../errors.ts";
import type { Dtype } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import type { Initializer } from "./initializers.ts";
import type { MatrixFormat } from "./matrix-format.ts";

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly init: Initializer;
  /** A linear map's matrix [out, in], of which scopes may keep a smaller form. */
  readonly matrix?: boolean;
  /** Drawn once and never trained: it is stored with the parameters and not counted as one. */
  readonly fixed?: boolean;
}

/** What the scales of a matrix are called, after its own path. */
export const SCALES = "scales";

export type ParameterSpecs = ReadonlyMap<string, ParameterSpec>;

/** Where a layer's parameters live while a graph is traced. */
export class Scope {
  readonly path: string;
  /** The format in which matrices are read. */
  readonly matrices: MatrixFormat;
  readonly #specs: Map<string, ParameterSpec>;
  readonly #tensors: Map<string, Tensor>;

  constructor(path = "", parent?: Scope, matrices: MatrixFormat = "float32") {
    this.path = path;
    this.matrices = parent ? parent.matrices : matrices;
    this.#specs = parent ? parent.#specs : new Map();
    this.#tensors = parent ? parent.#tensors : new Map();
  }

  child(name: string): Scope {
    return new Scope(this.path ? `${this.path}.${name}` : name, this);
  }

  parameter(name: string, spec: ParameterSpec): Tensor {
    return this.child(name).own(spec);
  }

  /** The parameter that the scope itself is the place of. */
  own(spec: ParameterSpec): Tensor {
    return this.stored(spec, "float32", spec.shape);
  }

  /** The same in another form than that in which it is trained. */
  stored(spec: ParameterSpec, dtype: Dtype, shape: readonly number[]): Tensor {
    this.#specs.set(this.path, spec);
    return this.#tensor(this.path, dtype, shape);
  }

  /** What belongs to the stored form of the scope's parameter, and is no parameter itself. */
  scales(shape: readonly number[]): Tensor {
    return this.#tensor(`${this.path}.${SCALES}`, "float32", shape);
  }

  #tensor(path: string, dtype: Dtype, shape: readonly number[]): Tensor {
    const known = this.#tensors.get(path);
    if (known) return known;
    const tensor = parameter(path, shape, dtype);
    this.#tensors.set(path, tensor);
    return tensor;
  }

  /** Every parameter bound so far, by path. */
  get specs(): ParameterSpecs {
    return this.#specs;
  }

  get tensors(): ReadonlyMap<string, Tensor> {
    return this.#tensors;
  }
}

export interface Layer<Args extends unknown[], Result> {
  bind(scope: Scope): (...args: Args) => Result;
}

type AnyLayer = Layer<never[], unknown>;
type Part = AnyLayer | ParameterSpec | readonly AnyLayer[];
export type Parts = Readonly<Record<string, Part>>;

type BoundPart<P> =
  P extends Layer<infer Args, infer Result>
    ? (...args: Args) => Result
    : P extends ParameterSpec
      ? Tensor
      : P extends readonly (infer Item)[]
        ? BoundPart<Item>[]
        : never;

export type Bound<P extends Parts> = { readonly [Key in keyof P]: BoundPart<P[Key]> };

function bindPart(part: Part, name: string, scope: Scope): unknown {
  if ("shape" in part) return scope.parameter(name, part);
  if ("bind" in part) return part.bind(scope.child(name));
  const list = scope.child(name);
  return part.map((item, i) => item.bind(list.child(String(i))));
}

/** A layer from named parts and what it does with them. */
export function layer<P extends Parts, Args extends unknown[], Result>(
  parts: P,
  forward: (parts: Bound<P>, ...args: Args) => Result,
): Layer<Args, Result> {
  return {
    bind: (scope) => {
      const entries = Object.entries(parts).map(([name, part]) => [
        name,
        bindPart(part, name, scope),
      ]);
      const bound = Object.fromEntries(entries) as Bound<P>;
      return (...args) => located(scope.path, () => forward(bound, ...args));
    },
  };
}

/** Adds the layer's path to a shape error that does not have one yet. */
function located<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ShapeError) || !path || error.facts.where.startsWith(path)) throw error;
    const where = `${path}: ${error.facts.where}`;
    throw new ShapeError({ ...error.facts, where }, { cause: error });
  }
}

/** First values of all parameters. The same seed gives the same values, whatever else is bound. */
export function initialize(specs: ParameterSpecs, seed: number): Map<string, Float32Array> {
  return new Map(
    [...specs].map(([path, { shape, init }]) => [path, init(shape, random(seed, "init", path))]),
  );
}

/** First and last values of those that are never trained. */
export function initializeFixed(specs: ParameterSpecs, seed: number): Map<string, Float32Array> {
  return initialize(new Map([...specs].filter(([, { fixed }]) => fixed)), seed);
}

/** How many numbers the parameters hold, without fixed ones. */
export function countParameters(specs: ParameterSpecs): number {
  let total = 0;
  for (const { shape, fixed } of specs.values()) {
    if (!fixed) total += shape.reduce((a, b) => a * b, 1);
  }
  return total;
}
