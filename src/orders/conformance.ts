/**
 * The laws of every order. A test of an order runs `brokenLaws` on it and expects none; whoever
 * writes an order finds out here, in words, what is wrong with it.
 */
import { levels, type Order } from "./order.ts";

/** One law; `broken` tells the first violation, or nothing. */
export interface OrderLaw {
  readonly name: string;
  broken(order: Order): string | undefined;
}

export const orderLaws: readonly OrderLaw[] = [
  { name: "every position is predicted exactly once", broken: notPredictedOnce },
  { name: "no step is empty", broken: emptyStep },
  { name: "the first step, and no other, reads the start token", broken: misplacedStart },
  { name: "no step sees its own future", broken: seenFuture },
  { name: "mask vectors are read where hidden positions are such", broken: strayMaskVector },
  { name: "every position sees at least one key", broken: blindPosition },
  { name: "every position is another cell of the layout", broken: repeatedCell },
];

/** The laws that an order breaks, each with its first violation; none for a sound order. O(L²). */
export function brokenLaws(order: Order): string[] {
  return orderLaws.flatMap((law) => {
    const violation = law.broken(order);
    return violation ? [`${law.name}: ${violation}`] : [];
  });
}

function notPredictedOnce({ steps, tokenCount }: Order): string | undefined {
  const times = new Int32Array(tokenCount);
  for (const [k, { start, count }] of steps.entries()) {
    if (start < 0 || start + count > tokenCount) return `step ${k} leaves 0 to ${tokenCount - 1}`;
    for (let position = start; position < start + count; position++) times[position]!++;
  }
  const position = times.findIndex((n) => n !== 1);
  return position < 0 ? undefined : `position ${position} is predicted ${times[position]} times`;
}

function emptyStep({ steps }: Order): string | undefined {
  const k = steps.findIndex(({ count }) => !(Number.isInteger(count) && count > 0));
  return k < 0 ? undefined : `step ${k} has ${steps[k]!.count} positions`;
}

function misplacedStart({ steps }: Order): string | undefined {
  const k = steps.findIndex(({ input }, index) => (input === "start") !== (index === 0));
  return k < 0 ? undefined : `step ${k} reads ${steps[k]!.input}`;
}

function seenFuture(order: Order): string | undefined {
  if (order.hiddenPositions === "mask-vectors") return undefined;
  const level = levels(order);
  for (let query = 0; query < level.length; query++) {
    for (let key = 0; key < level.length; key++) {
      if (level[key]! > level[query]! && order.visible(query, key)) {
        return `position ${query} of step ${level[query]} sees ${key} of step ${level[key]}`;
      }
    }
  }
  return undefined;
}

// else a later step could read a network's output that an earlier one has seen
function strayMaskVector({ steps, hiddenPositions }: Order): string | undefined {
  const masked = hiddenPositions === "mask-vectors";
  const k = steps.findIndex(({ input }, k) => k > 0 && (input === "mask-vector") !== masked);
  return k < 0 ? undefined : `step ${k} reads ${steps[k]!.input}`;
}

function blindPosition(order: Order): string | undefined {
  for (let query = 0; query < order.tokenCount; query++) {
    let key = 0;
    while (key < order.tokenCount && !order.visible(query, key)) key++;
    if (key === order.tokenCount) return `position ${query} sees nothing`;
  }
  return undefined;
}

function repeatedCell({ cells, tokenCount }: Order): string | undefined {
  if (!cells) return undefined;
  if (cells.length !== tokenCount) return `${cells.length} cells for ${tokenCount} positions`;
  const sorted = Int32Array.from(cells).sort();
  const cell = sorted.findIndex((value, index) => value !== index);
  return cell < 0 ? undefined : `the cells are not 0 to ${tokenCount - 1}`;
}
