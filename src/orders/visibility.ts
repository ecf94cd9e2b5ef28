/**
 * The visibility rule of an order as a tensor, as a number and as a table to read.
 *
 * Axes: L positions · K steps.
 */
import type { Order, Step } from "./order.ts";

/**
 * What is added to the score of a hidden key.
 *
 * Finite on purpose: WebGPU shaders may assume that no infinity occurs. In float32 and float16 the
 * softmax turns it into exactly 0 as long as some key of the row is visible, as in every valid order.
 */
export const hiddenBias: number = -30_000;

/** Bias to add to attention scores, Float32Array [L, L]: 0 where visible, `hiddenBias` elsewhere. */
export function visibilityBias(order: Order): Float32Array {
  const { tokenCount: length } = order;
  const bias = new Float32Array(length * length);
  for (let query = 0; query < length; query++) {
    for (let key = 0; key < length; key++) {
      if (!order.visible(query, key)) bias[query * length + key] = hiddenBias;
    }
  }
  return bias;
}

/** How many (query, key) pairs of the L² are visible: the cost of attention, per head. */
export function visiblePairs(order: Order): number {
  const all: Step = { start: 0, count: order.tokenCount, input: "start" };
  return pairsBetween(order, all, all);
}

/**
 * A table for people: one line per step with its positions, its input and the steps it sees.
 * A step of which only some pairs are visible is marked `~`.
 */
export function explain(order: Order): string {
  const { tokenCount: length, steps } = order;
  const rows = steps.map((step, k) => [
    String(k),
    range(step.start, step.start + step.count - 1),
    String(step.count),
    step.input,
    seenSteps(order, step),
  ]);
  const head = ["step", "positions", "tokens", "reads", "sees steps"];
  const title = `${order.name}: ${length} tokens in ${steps.length} steps`;
  const pairs = `${visiblePairs(order)} of ${length * length} pairs visible`;
  return [`${title}, ${pairs}`, ...alignColumns([head, ...rows])].join("\n");
}

function pairsBetween(order: Order, queries: Step, keys: Step): number {
  let pairs = 0;
  for (let query = queries.start; query < queries.start + queries.count; query++) {
    for (let key = keys.start; key < keys.start + keys.count; key++) {
      if (order.visible(query, key)) pairs++;
    }
  }
  return pairs;
}

/** Runs of seen steps: `0-3 5~`. */
function seenSteps(order: Order, queries: Step): string {
  const runs: { from: number; to: number; mark: string }[] = [];
  for (const [k, keys] of order.steps.entries()) {
    const pairs = pairsBetween(order, queries, keys);
    if (pairs === 0) continue;
    const mark = pairs === queries.count * keys.count ? "" : "~";
    const run = runs.at(-1);
    if (run && run.to === k - 1 && run.mark === mark) run.to = k;
    else runs.push({ from: k, to: k, mark });
  }
  return runs.map(({ from, to, mark }) => range(from, to) + mark).join(" ") || "none";
}

function range(from: number, to: number): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
