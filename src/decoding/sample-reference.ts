/**
 * The sampler in plain typed arrays: slow and obvious, the yardstick of the one in the graph.
 *
 * Top-k first, then top-p among the survivors, then one draw with one uniform number.
 *
 * Axes: V codes, S survivors.
 */
import { ConfigError } from "../errors.ts";

export interface SampleOptions {
  /** Divides the logits; 1 by default. */
  readonly temperature?: number;
  /** Keeps so many of the largest logits; all by default. */
  readonly topK?: number;
  /** Keeps the smallest set of largest probabilities that reaches this, 0 < p ≤ 1; 1 keeps all. */
  readonly topP?: number;
}

/** The codes that can be drawn, most probable first. */
export interface Survivors {
  readonly ids: Int32Array;
  /** Probabilities [S]; they add up to 1. */
  readonly probabilities: Float64Array;
  /** How far the nearest top-p decision was from the other way, as a probability. */
  readonly margin: number;
}

/** Draws one code from a row of logits [V] with one uniform number of [0, 1). */
export function sampleReference(
  logits: ArrayLike<number>,
  uniform: number,
  options: SampleOptions = {},
): number {
  return draw(survivors(logits, options), uniform).id;
}

/**
 * Applies temperature, top-k and top-p to a row of logits [V].
 *
 * Exactly k codes survive top-k; of equal logits the lower code goes first, as in ONNX's TopK. Top-p
 * drops, from the least probable up, while the sum of what is dropped stays ≤ 1 − p; the most probable
 * code always stays.
 *
 * @throws ConfigError that lists every option out of range.
 */
export function survivors(logits: ArrayLike<number>, options: SampleOptions = {}): Survivors {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  requireOptions(temperature, topK, topP);
  const ids = sortedIds(logits).slice(0, topK);
  const probabilities = softmax(Float64Array.from(ids, (id) => logits[id]! / temperature));
  const { count, margin } = nucleus(probabilities, topP);
  const kept = probabilities.slice(0, count);
  const mass = kept.reduce((sum, p) => sum + p, 0);
  return {
    ids: ids.slice(0, count),
    probabilities: kept.map((p) => p / mass),
    margin,
  };
}

/**
 * Inverse CDF over the survivors, most probable first: the code whose share of [0, 1) holds `uniform`.
 *
 * `margin` is the distance of `uniform` to the nearest border between two codes: below the rounding of
 * float32 another sampler may rightly choose the neighbour.
 */
export function draw(
  { ids, probabilities }: Survivors,
  uniform: number,
): {
  id: number;
  margin: number;
} {
  let chosen = -1;
  let margin = Infinity;
  let sum = 0;
  for (let i = 0; i < ids.length - 1; i++) {
    sum += probabilities[i]!;
    margin = Math.min(margin, Math.abs(sum - uniform));
    if (chosen < 0 && sum >= uniform) chosen = i;
  }
  return { id: ids[chosen < 0 ? ids.length - 1 : chosen]!, margin };
}

function sortedIds(logits: ArrayLike<number>): Int32Array {
  const ids = Int32Array.from({ length: logits.length }, (_, id) => id);
  return ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
}

function softmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = logits.map((value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/**
 * How many of the descending probabilities top-p keeps. Code i is dropped if it and all less probable
 * ones sum to ≤ 1 − p, that is if the more probable ones already reach p.
 */
function nucleus(probabilities: Float64Array, topP: number): { count: number; margin: number } {
  if (topP === 1) return { count: probabilities.length, margin: Infinity };
  let count = 0;
  let before = 0;
  let margin = Infinity;
  for (const [i, p] of probabilities.entries()) {
    if (i > 0) margin = Math.min(margin, Math.abs(before - topP));
    if (i === 0 || before < topP) count++;
    before += p;
  }
  return { count, margin };
}

function requireOptions(temperature: number, topK: number, topP: number): void {
  const faults: string[] = [];
  if (!(temperature > 0 && temperature < Infinity)) faults.push(`temperature ${temperature}`);
  if (!(Number.isSafeInteger(topK) && topK > 0)) faults.push(`top-k ${topK}`);
  if (!(topP > 0 && topP <= 1)) faults.push(`top-p ${topP}`);
  if (faults.length === 0) return;
  throw new ConfigError({
    where: "sampling",
    expected: "temperature above 0, a whole top-k from 1, top-p above 0 and up to 1",
    got: faults.join(", "),
    hint: "For the most probable code alone use top-k 1.",
  });
}
