/** Times of several workloads, taken in turns so that a disturbance of the machine hits them all. */
import { ConfigError } from "../errors.ts";

/** Milliseconds of one workload's runs. */
export interface Timing {
  readonly best: number;
  readonly median: number;
  /** In the order in which they were taken. */
  readonly times: readonly number[];
}

export type Workloads<K extends string> = Readonly<Record<K, () => Promise<unknown>>>;

export interface MeasureOptions {
  /** Rounds that are counted; each runs every workload once. */
  readonly repeat: number;
  /** Rounds before them that are not. */
  readonly warmUp?: number;
  /** Milliseconds of some start, for tests. */
  readonly clock?: () => number;
  /** Called after each counted round. */
  readonly onRound?: (round: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs the workloads one after the other, round by round.
 *
 * @throws the signal's reason if it is aborted between two runs.
 */
export async function interleave<K extends string>(
  workloads: Workloads<K>,
  { repeat, warmUp = 1, clock = () => performance.now(), onRound, signal }: MeasureOptions,
): Promise<Record<K, Timing>> {
  const names = Object.keys(workloads) as K[];
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = -warmUp; round < repeat; round++) {
    for (const name of names) {
      signal?.throwIfAborted();
      const start = clock();
      await workloads[name]();
      if (round >= 0) times.get(name)!.push(clock() - start);
    }
    if (round >= 0) onRound?.(round);
  }
  return Object.fromEntries(names.map((name) => [name, timing(times.get(name)!)])) as Record<
    K,
    Timing
  >;
}

/** @throws ConfigError if there are no times. */
export function timing(times: readonly number[]): Timing {
  if (times.length === 0) {
    throw new ConfigError({ where: "timing", expected: "at least one time", got: "none" });
  }
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { best: sorted[0]!, median, times };
}
