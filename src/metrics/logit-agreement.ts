/**
 * How far one computation of logits is from another, for number formats of weights.
 *
 * Axes: L tokens · V codebook
 */
import { ShapeError } from "../errors.ts";
import { argmax } from "./features.ts";

/** Logits [L, V] and the tokens that were drawn from them, [L]. */
export interface LogitRows {
  readonly logits: Float32Array;
  readonly drawn: Int32Array;
}

export interface LogitAgreement {
  readonly tokens: number;
  /** √(Σ (b − a)² / Σ a²), where a and b have mean 0 in every row: what is added to all does nothing. */
  readonly relativeRms: number;
  /** Largest |b − a|, likewise. */
  readonly largest: number;
  /** Share of tokens whose most probable code is another. */
  readonly changedArgmax: number;
  /** Share of tokens for which the same uniform number draws another code. */
  readonly changedDraws: number;
}

/** Collects the differences of many pairs. */
export class LogitComparison {
  #tokens = 0;
  #squares = 0;
  #reference = 0;
  #largest = 0;
  #argmax = 0;
  #draws = 0;

  /** @throws ShapeError if the two are not of the same tokens. */
  add(a: LogitRows, b: LogitRows): void {
    const rows = a.drawn.length;
    if (a.logits.length !== b.logits.length || b.drawn.length !== rows) {
      throw new ShapeError({
        where: "LogitComparison",
        expected: `${a.logits.length} logits of ${rows} tokens`,
        got: `${b.logits.length} of ${b.drawn.length}`,
      });
    }
    const width = a.logits.length / rows;
    for (let row = 0; row < rows; row++) {
      const own = a.logits.subarray(row * width, (row + 1) * width);
      const other = b.logits.subarray(row * width, (row + 1) * width);
      this.#addRow(own, other);
      if (a.drawn[row] !== b.drawn[row]) this.#draws++;
    }
    this.#tokens += rows;
  }

  #addRow(a: Float32Array, b: Float32Array): void {
    const [meanA, meanB] = [mean(a), mean(b)];
    for (let i = 0; i < a.length; i++) {
      const value = a[i]! - meanA;
      const difference = b[i]! - meanB - value;
      this.#squares += difference * difference;
      this.#reference += value * value;
      this.#largest = Math.max(this.#largest, Math.abs(difference));
    }
    if (argmax(a) !== argmax(b)) this.#argmax++;
  }

  result(): LogitAgreement {
    const share = (count: number) => (this.#tokens === 0 ? 0 : count / this.#tokens);
    return {
      tokens: this.#tokens,
      relativeRms: this.#squares === 0 ? 0 : Math.sqrt(this.#squares / this.#reference),
      largest: this.#largest,
      changedArgmax: share(this.#argmax),
      changedDraws: share(this.#draws),
    };
  }
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
