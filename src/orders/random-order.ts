/**
 * Random order: sets of tokens in the order of a permutation, a few at first and many at the end
 * (MAR, arXiv:2406.11838, §4.3; MaskGIT's schedule without its confidences).
 *
 * Axes: L cells · K steps. A cell is hidden until the step that predicts it.
 */
import { ConfigError } from "../errors.ts";
import type { Order } from "./order.ts";

/**
 * How many cells are predicted by each step, K numbers with the sum L: after step k about
 * L·cos(π/2·(k + 1)/K) are still hidden, but every step predicts at least one.
 *
 * @throws ConfigError if there are more steps than cells.
 */
export function revealCounts(length: number, steps: number): number[] {
  requireSteps(length, steps);
  let hidden = length;
  return Array.from({ length: steps }, (_, k) => {
    const wanted = Math.floor(length * Math.cos((Math.PI / 2) * ((k + 1) / steps)));
    const next = k === steps - 1 ? 0 : Math.max(1, Math.min(hidden - 1, wanted));
    const count = hidden - next;
    hidden = next;
    return count;
  });
}

/** The last of these counts, for so many cells that are left. */
function restOf(counts: readonly number[], hidden: number): number[] {
  const rest: number[] = [];
  let left = hidden;
  for (const count of counts.toReversed()) {
    if (left <= 0) break;
    rest.unshift(Math.min(count, left));
    left -= count;
  }
  return rest;
}

/**
 * The order of one picture. The hidden cells are always the first ones of the permutation: it is
 * read from its end.
 *
 * @param permutation the L cells.
 * @throws ConfigError if there are more steps than cells.
 */
export function randomOrder(permutation: Int32Array, steps: number): Order {
  const counts = revealCounts(permutation.length, steps);
  return orderOf(0, counts, Int32Array.from(permutation).reverse());
}

/**
 * The rest of an order whose other cells are known: the last steps of as many as the whole takes, each
 * predicting about as many cells as it would have.
 *
 * @param keep for each cell 1 if it is known.
 * @throws ConfigError if there are more steps than cells, or all are known.
 */
export function restOfOrder(permutation: Int32Array, steps: number, keep: Uint8Array): Order {
  const cells = Int32Array.from(permutation).reverse();
  const known = cells.filter((cell) => keep[cell]);
  const hidden = cells.filter((cell) => !keep[cell]);
  requireHidden(hidden.length, cells.length);
  const counts = restOf(revealCounts(cells.length, steps), hidden.length);
  return orderOf(known.length, counts, Int32Array.of(...known, ...hidden));
}

/** @param first how many cells lie before those of the first step. */
function orderOf(first: number, counts: readonly number[], cells: Int32Array): Order {
  const starts: number[] = [];
  let start = first;
  for (const count of counts) {
    starts.push(start);
    start += count;
  }
  return {
    name: "random",
    steps: counts.map((count, k) => ({
      start: starts[k]!,
      count,
      input: starts[k] === 0 ? "start" : "mask-vector",
    })),
    tokenCount: cells.length,
    visible: () => true,
    hiddenPositions: "mask-vectors",
    cells,
  };
}

/** The cells that are known before step k and those that it predicts, both in ascending order. */
export function cellsOfStep(
  { steps, cells }: Order,
  k: number,
): { known: Int32Array; predicted: Int32Array } {
  const { start, count } = steps[k]!;
  const own = cells ?? Int32Array.from({ length: start + count }, (_, i) => i);
  return {
    known: own.slice(0, start).sort(),
    predicted: own.slice(start, start + count).sort(),
  };
}

function requireHidden(hidden: number, length: number): void {
  if (hidden > 0) return;
  const expected = `1 to ${length} tokens to predict`;
  throw new ConfigError({ where: "order", expected, got: String(hidden) });
}

function requireSteps(length: number, steps: number): void {
  if (Number.isInteger(steps) && steps >= 1 && steps <= length) return;
  throw new ConfigError({
    where: "steps",
    expected: `a whole number from 1 to ${length}, the number of tokens`,
    got: String(steps),
    hint: "A step must predict at least one token.",
  });
}
