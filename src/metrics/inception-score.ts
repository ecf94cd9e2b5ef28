/**
 * Inception score: exp of the mean divergence of class posteriors from their mean (Salimans et al.
 * 2016). Over a classifier other than Inception its name is IS with the classifier in brackets.
 */

import { ConfigError, DataError, ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { type Features, featuresOf, requireFinite } from "./features.ts";

export interface InceptionScore {
  /** Mean over the splits. */
  readonly mean: number;
  /** Standard deviation over the splits (divisor: their number). */
  readonly deviation: number;
  /** The score of each split. */
  readonly values: readonly number[];
}

/** How a set is cut before scoring. */
export type ScoreSplits =
  /** Equal parts, in order (improved-gan) or shuffled by a seed (torch-fidelity): usually 10. */
  | { readonly parts: number; readonly shuffleSeed?: number }
  /** Chunks of so many rows, the last one shorter (ADM: 5000). */
  | { readonly rows: number };

/**
 * The score of a set, from 1 to the number of classes.
 *
 * @param logits [N, classes]; for Inception 1008 of them, without the bias of the last layer.
 * @throws ConfigError for splits that the set does not fill; DataError for an empty set.
 */
export function inceptionScore(logits: Features, splits: ScoreSplits): InceptionScore {
  const { count, width } = logits;
  if (count === 0) {
    throw new DataError({ where: "inceptionScore", expected: "at least one row", got: "none" });
  }
  const borders = splitBorders(count, splits);
  const order =
    "parts" in splits && splits.shuffleSeed !== undefined
      ? random(splits.shuffleSeed, "inception-score").permutation(count)
      : null;
  const values = borders.slice(1).map((to, split) => {
    const posteriors = new ClassPosteriors(width);
    for (let i = borders[split]!; i < to; i++) {
      const from = (order ? order[i]! : i) * width;
      posteriors.add(featuresOf(logits.values.subarray(from, from + width), width));
    }
    return posteriors.score();
  });
  return summary(values);
}

/** Mean and deviation of scores, as published tables give them. */
export function summary(values: readonly number[]): InceptionScore {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance), values };
}

/** Sums from which the score of one split follows: Σ p and Σ Σ p ln p. */
export class ClassPosteriors {
  readonly classes: number;
  #count = 0;
  #negativeEntropy = 0;
  readonly #sum: Float64Array;

  constructor(classes: number) {
    this.classes = classes;
    this.#sum = new Float64Array(classes);
  }

  get count(): number {
    return this.#count;
  }

  /** @throws ShapeError for another number of classes; DataError for logits that are not finite. */
  add(logits: Features): void {
    const { classes } = this;
    if (logits.width !== classes) {
      throw new ShapeError({
        where: "ClassPosteriors.add",
        expected: `${classes} logits a row`,
        got: `${logits.width}`,
      });
    }
    requireFinite("ClassPosteriors.add", logits);
    for (let row = 0; row < logits.count; row++) this.#addRow(logits.values, row * classes);
    this.#count += logits.count;
  }

  /** exp of the mean divergence; 1 if all posteriors are equal. @throws DataError without rows */
  score(): number {
    const n = this.#count;
    if (n === 0) {
      throw new DataError({ where: "ClassPosteriors", expected: "at least one row", got: "none" });
    }
    // mean KL(p ‖ p̄) = mean Σ p ln p − Σ p̄ ln p̄, which rounding must not take below 0
    let marginal = 0;
    for (const sum of this.#sum) if (sum > 0) marginal += (sum / n) * Math.log(sum / n);
    return Math.exp(Math.max(0, this.#negativeEntropy / n - marginal));
  }

  #addRow(values: Features["values"], from: number): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < this.classes; c++) largest = Math.max(largest, values[from + c]!);
    let total = 0;
    for (let c = 0; c < this.classes; c++) total += Math.exp(values[from + c]! - largest);
    const logTotal = largest + Math.log(total);
    for (let c = 0; c < this.classes; c++) {
      const logProbability = values[from + c]! - logTotal;
      const probability = Math.exp(logProbability);
      this.#sum[c]! += probability;
      this.#negativeEntropy += probability * logProbability;
    }
  }
}

/** Ascending positions from 0 to `count` between which the splits lie. */
function splitBorders(count: number, splits: ScoreSplits): number[] {
  const wanted = "parts" in splits ? splits.parts : splits.rows;
  if (!Number.isInteger(wanted) || wanted < 1 || ("parts" in splits && wanted > count)) {
    throw new ConfigError({
      where: "inceptionScore: splits",
      expected: "parts" in splits ? `1 to ${count} parts` : "at least 1 row",
      got: `${wanted}`,
    });
  }
  if ("parts" in splits) {
    return Array.from({ length: wanted + 1 }, (_, i) => Math.floor((i * count) / wanted));
  }
  const chunks = Math.ceil(count / wanted);
  return Array.from({ length: chunks + 1 }, (_, i) => Math.min(i * wanted, count));
}
