/** Which examples a batch has: a function of seed and step. */
import { ConfigError } from "../errors.ts";
import { random } from "../random/random.ts";

export interface BatchSchedule {
  /** Number of examples. */
  readonly count: number;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * The examples of batch `step` (from 0). Every epoch visits every example once, in an order of its
 * own; epochs follow on without gaps, so a batch may span two or more.
 */
export function batchIndices({ count, batchSize, seed }: BatchSchedule, step: number): Int32Array {
  requireWhole({ count, batchSize }, 1);
  requireWhole({ step }, 0);
  const indices = new Int32Array(batchSize);
  let epoch = -1;
  let order = new Int32Array();
  for (let i = 0; i < batchSize; i++) {
    const position = step * batchSize + i;
    const current = epochOf({ count, batchSize }, step, i);
    if (current !== epoch) {
      epoch = current;
      order = random(seed, "epoch", epoch).permutation(count) as Int32Array<ArrayBuffer>;
    }
    indices[i] = order[position % count]!;
  }
  return indices;
}

/** Which epoch place `i` of batch `step` belongs to, from 0. */
export function epochOf(
  { count, batchSize }: Omit<BatchSchedule, "seed">,
  step: number,
  i: number,
): number {
  return Math.floor((step * batchSize + i) / count);
}

/** @throws ConfigError naming the values that are no whole numbers from `least` on. */
export function requireWhole(values: Readonly<Record<string, number>>, least: number): void {
  const bad = Object.entries(values).filter(([, n]) => !Number.isSafeInteger(n) || n < least);
  if (bad.length === 0) return;
  throw new ConfigError({
    where: `batches: ${bad.map(([name]) => name).join(", ")}`,
    expected: `whole numbers from ${least}`,
    got: bad.map(([, n]) => n).join(", "),
  });
}
