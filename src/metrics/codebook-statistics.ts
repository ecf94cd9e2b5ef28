/**
 * How evenly a tokenizer uses its codes, over a fixed set of tokens.
 *
 * Axes: V codes · n tokens. The moving averages of VAR's training are in `tokenizers`.
 */

import { ShapeError } from "../errors.ts";

export interface CodebookStatistics {
  /** Tokens counted, n. For n < V the usage cannot reach 1. */
  readonly tokens: number;
  readonly codes: number;
  /** Share of codes that occur at all. */
  readonly usage: number;
  /** H = −Σ p log₂ p, in bits. */
  readonly entropy: number;
  /** 2^H: 1 if one code takes all, V if all are even. */
  readonly perplexity: number;
  /** H / log₂ V; 1 for a codebook of one code. */
  readonly normalisedEntropy: number;
}

/** Counts of codes in pieces, for one scale or for all. */
export class CodeCounts {
  readonly codes: number;
  /** Hits of each code, [V]. */
  readonly hits: Float64Array;

  constructor(codes: number) {
    this.codes = codes;
    this.hits = new Float64Array(codes);
  }

  /** @throws ShapeError at an id outside the codebook. */
  add(ids: ArrayLike<number>): void {
    requireIds("CodeCounts.add", ids, this.codes);
    for (let i = 0; i < ids.length; i++) this.hits[ids[i]!]!++;
  }

  /** @throws ShapeError for another codebook size */
  merge(other: CodeCounts): void {
    if (other.codes !== this.codes) {
      throw new ShapeError({
        where: "CodeCounts.merge",
        expected: `counts of ${this.codes} codes`,
        got: `${other.codes}`,
      });
    }
    for (let code = 0; code < this.codes; code++) this.hits[code]! += other.hits[code]!;
  }

  statistics(): CodebookStatistics {
    const { codes, hits } = this;
    const entropy = entropyBits(hits);
    return {
      tokens: total(hits),
      codes,
      usage: plainUsage(hits),
      entropy,
      perplexity: perplexity(hits),
      normalisedEntropy: codes > 1 ? entropy / Math.log2(codes) : 1,
    };
  }
}

/** The share of codes that occur at all, 0 to 1. */
export function plainUsage(hits: ArrayLike<number>): number {
  let used = 0;
  for (let code = 0; code < hits.length; code++) if (hits[code]! > 0) used++;
  return hits.length === 0 ? 0 : used / hits.length;
}

/** −Σ p log₂ p of the code frequencies, in bits; 0 without hits. */
export function entropyBits(hits: ArrayLike<number>): number {
  const sum = total(hits);
  let entropy = 0;
  for (let code = 0; code < hits.length; code++) {
    const p = hits[code]! / sum;
    if (p > 0) entropy -= p * Math.log2(p);
  }
  return entropy;
}

/** 2 to the entropy of the code frequencies: 1 if one code takes all, V if all are even. */
export function perplexity(hits: ArrayLike<number>): number {
  return total(hits) === 0 ? 0 : 2 ** entropyBits(hits);
}

/**
 * Share of codes that take more than 0.001 / V of all tokens: what VAR's training calls the usage of
 * its generator.
 */
export function chosenShare(hits: ArrayLike<number>): number {
  const least = (0.001 * total(hits)) / hits.length;
  let chosen = 0;
  for (let code = 0; code < hits.length; code++) if (hits[code]! > least) chosen++;
  return hits.length === 0 ? 0 : chosen / hits.length;
}

/**
 * Usage as LlamaGen's training counts it: different codes among the last `window` ids. The window
 * begins full of zeros, so that code 0 counts as used until it has filled.
 */
export class WindowUsage {
  readonly #ids: Int32Array;
  readonly #hits: Float64Array;
  #next = 0;

  constructor(codes: number, window = 65_536) {
    this.#ids = new Int32Array(window);
    this.#hits = new Float64Array(codes);
    this.#hits[0] = window;
  }

  /** @throws ShapeError at an id outside the codebook. */
  add(ids: ArrayLike<number>): void {
    requireIds("WindowUsage.add", ids, this.#hits.length);
    for (let i = 0; i < ids.length; i++) {
      this.#hits[this.#ids[this.#next]!]!--;
      this.#ids[this.#next] = ids[i]!;
      this.#hits[ids[i]!]!++;
      this.#next = (this.#next + 1) % this.#ids.length;
    }
  }

  usage(): number {
    return plainUsage(this.#hits);
  }
}

export interface BitStatistics {
  /** Share of ones of each bit. */
  readonly means: readonly number[];
  /** Entropy of each bit, 0 to 1; together at least the entropy of the codes. */
  readonly entropies: readonly number[];
}

/** The single bits of a binary quantiser. @param hits of codes 0 … 2^bits − 1; bit 0 is the lowest. */
export function bitStatistics(hits: ArrayLike<number>): BitStatistics {
  const bits = Math.log2(hits.length);
  if (!Number.isInteger(bits)) {
    throw new ShapeError({
      where: "bitStatistics",
      expected: "a power of two of codes",
      got: `${hits.length}`,
    });
  }
  const sum = total(hits);
  const ones = Array.from({ length: bits }, (_, bit) => {
    let count = 0;
    for (let code = 0; code < hits.length; code++) if ((code >>> bit) & 1) count += hits[code]!;
    return count;
  });
  return {
    means: ones.map((count) => (sum === 0 ? 0 : count / sum)),
    entropies: ones.map((count) => entropyBits([count, sum - count])),
  };
}

function requireIds(where: string, ids: ArrayLike<number>, codes: number): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (Number.isInteger(id) && id >= 0 && id < codes) continue;
    throw new ShapeError({ where, expected: `ids from 0 to ${codes - 1}`, got: `${id} at ${i}` });
  }
}

function total(hits: ArrayLike<number>): number {
  let sum = 0;
  for (let code = 0; code < hits.length; code++) sum += hits[code]!;
  return sum;
}
