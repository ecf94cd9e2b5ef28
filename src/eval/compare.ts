/** Two results side by side, where their numbers mean the same. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "../checkpoints/json-file.ts";
import { DataError } from "../errors.ts";
import {
  type ComparableMetric,
  type ComparableResult,
  comparableSchema,
  RESULT_FILE,
} from "./result.ts";

export interface ComparedMetric {
  readonly id: string;
  readonly name: string;
  readonly first: number;
  readonly second: number;
  /** second − first. */
  readonly difference: number;
  /** As if the two were independent; null where one of them has none. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Whether the second is better; `unclear` if 0 lies inside the interval, or there is none. */
  readonly verdict: "better" | "worse" | "unclear" | "equal";
}

export interface Comparison {
  readonly metrics: readonly ComparedMetric[];
  /** Numbers that were left out, and why. */
  readonly leftOut: readonly string[];
}

/** Reads a result file, or that of a report's folder. @throws CheckpointError if it is none. */
export async function readResult(path: string): Promise<ComparableResult> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const hint = "`ordo eval samples` and its siblings write such files";
  return readJson(isFolder ? join(path, RESULT_FILE) : path, comparableSchema, { hint });
}

/**
 * The differences of all numbers that both results have.
 *
 * @throws DataError naming every reason why nothing of them can be compared: another reference, other
 * counts, another network.
 */
export function compareResults(first: ComparableResult, second: ComparableResult): Comparison {
  const reasons = differences(first, second);
  const metrics: ComparedMetric[] = [];
  const leftOut: string[] = [];
  for (const own of first.metrics) {
    const other = second.metrics.find(({ id }) => id === own.id);
    const reason = other ? pairProblem(own, other) : `${own.name}: only in the first`;
    if (reason) leftOut.push(reason);
    else metrics.push(compared(own, other!));
  }
  if (reasons.length === 0 && metrics.length > 0) return { metrics, leftOut };
  throw new DataError({
    where: "eval compare",
    expected: "two results that can be compared",
    got: [...reasons, ...(reasons.length > 0 ? [] : leftOut)].join("; "),
    hint: "Measure both again in the same way",
  });
}

function differences(first: ComparableResult, second: ComparableResult): string[] {
  const pairs: readonly (readonly [what: string, a: unknown, b: unknown])[] = [
    ["kinds", kindOf(first), kindOf(second)],
    ["samples", first.subject.count, second.subject.count],
    ["reference pictures", first.reference.count, second.reference.count],
    ["decoding of the reference", first.reference.decoding, second.reference.decoding],
    ["network input", first.network.preprocessing, second.network.preprocessing],
  ];
  const unequal = pairs.flatMap(([what, a, b]) =>
    a === b ? [] : [`different ${what} (${a} and ${b})`],
  );
  const sameContents = first.reference.fingerprint === second.reference.fingerprint;
  const sameNetwork = first.network.name === second.network.name;
  return [
    ...(sameNetwork || kindOf(first) === "tokenizer"
      ? []
      : [`different networks (${first.network.name} and ${second.network.name})`]),
    ...unequal,
    ...(sameContents || unequal.some((words) => words.includes("reference"))
      ? []
      : [`different pictures in ${first.reference.name} and ${second.reference.name}`]),
  ];
}

/** Pictures of a model are samples as any others. */
function kindOf({ kind }: ComparableResult): string {
  return kind === "model" ? "samples" : kind;
}

function pairProblem(a: ComparableMetric, b: ComparableMetric): string | null {
  if (a.name !== b.name) return `${a.name} and ${b.name} are different metrics`;
  if (a.count !== b.count || a.referenceCount !== b.referenceCount) {
    return `${a.name}: different counts (${a.count} and ${b.count})`;
  }
  return a.value === null || b.value === null ? `${a.name}: not measured in both` : null;
}

function compared(a: ComparableMetric, b: ComparableMetric): ComparedMetric {
  const [first, second] = [a.value!, b.value!];
  const difference = second - first;
  const interval =
    a.interval && b.interval
      ? {
          low: difference - Math.hypot(second - b.interval.low, a.interval.high - first),
          high: difference + Math.hypot(b.interval.high - second, first - a.interval.low),
        }
      : null;
  const { id, name } = a;
  return {
    id,
    name,
    first,
    second,
    difference,
    interval,
    verdict: verdictOf(a.better, difference, interval),
  };
}

function verdictOf(
  better: ComparableMetric["better"],
  difference: number,
  interval: ComparedMetric["interval"],
): ComparedMetric["verdict"] {
  if (difference === 0) return "equal";
  if (better === "neither" || !interval || (interval.low <= 0 && interval.high >= 0)) {
    return "unclear";
  }
  return difference < 0 === (better === "lower") ? "better" : "worse";
}
