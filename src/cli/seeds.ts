/** The seeds of a run: picture i has the first seed + i. */
import { randomInt } from "node:crypto";
import { UsageError } from "./usage-error.ts";

/** Seeds have 32 bits, as the peers have it, so that recipes can be exchanged. */
const LAST_SEED = 2 ** 32 - 1;

/** @param given the first one; random if absent. @throws UsageError if the last one is too large. */
export function seedsOf(given: number | undefined, count: number): number[] {
  const first = given ?? randomInt(LAST_SEED - count + 2);
  const most = LAST_SEED - count + 1;
  if (first > most) {
    const problem = `--seed: expected at most ${most} for ${count} pictures, got ${first}`;
    throw new UsageError([problem], "Choose a smaller seed.");
  }
  return Array.from({ length: count }, (_, i) => first + i);
}
