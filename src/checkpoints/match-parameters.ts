import { CheckpointError } from "../errors.ts";
import { type TensorMap, toFloat32 } from "./tensor-data.ts";
import type { TensorEntry } from "./tensor-file.ts";

/** A parameter that a model has, by its path. */
export interface ExpectedParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface MatchOptions {
  /** The file, for the error. */
  readonly where: string;
  /** Names of tensors that may be there without being parameters, such as buffers. */
  readonly ignore?: (name: string) => boolean;
}

/**
 * The values of all expected parameters, float32, under their names.
 *
 * @throws CheckpointError listing every missing, surplus, wrongly shaped and non-float tensor.
 */
export function matchParameters(
  expected: readonly ExpectedParameter[],
  found: TensorMap,
  { where, ignore = () => false }: MatchOptions,
): Map<string, Float32Array> {
  const entries = [...found].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const kept = entries.filter(({ name }) => !ignore(name));
  requireParameters(expected, kept, where);
  return new Map(expected.map(({ name }) => [name, toFloat32(found.get(name)!)]));
}

/** @throws CheckpointError listing everything in which the tensors differ from what is needed. */
export function requireParameters(
  expected: readonly ExpectedParameter[],
  entries: readonly TensorEntry[],
  where: string,
): void {
  const problems = parameterProblems(expected, entries);
  if (problems.length === 0) return;
  throw new CheckpointError({
    where,
    expected: `the ${expected.length} parameters of the model`,
    got: problems.join("; "),
    hint: "The file was made for another model or other sizes",
  });
}

/**
 * Everything in which the tensors of a file differ from what a model needs: missing, wrong and
 * surplus ones, all by name; empty if they fit.
 */
export function parameterProblems(
  expected: readonly ExpectedParameter[],
  entries: readonly TensorEntry[],
): string[] {
  const wanted = new Set(expected.map(({ name }) => name));
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const missing = expected.filter(({ name }) => !byName.has(name)).map(({ name }) => name);
  const surplus = entries.filter(({ name }) => !wanted.has(name)).map(({ name }) => name);
  const unfit = expected.flatMap(({ name, shape }) => {
    const entry = byName.get(name);
    const problem = entry && misfit(shape, entry);
    return problem ? [`${name} ${problem}`] : [];
  });
  return [list("missing", missing), list("wrong", unfit), list("surplus", surplus)].filter(
    (problem) => problem !== "",
  );
}

const FLOATS = new Set(["float32", "float16", "bfloat16", "float64"]);

function misfit(shape: readonly number[], tensor: TensorEntry): string | null {
  if (!FLOATS.has(tensor.dtype)) return `${tensor.dtype} instead of float32`;
  const [wanted, got] = [shape.join(", "), tensor.shape.join(", ")];
  return wanted === got ? null : `[${got}] instead of [${wanted}]`;
}

function list(word: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${names.length} ${word}: ${names.join(", ")}`;
}
