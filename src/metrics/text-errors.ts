/**
 * Character and word error rates (Levenshtein distance with unit costs), as jiwer counts, and the
 * rate that VTBench calls WER.
 */

import { DataError } from "../errors.ts";

/** Edits in a corpus; rates are edits over length, summed first: no mean of ratios. */
export interface ErrorCount {
  readonly edits: number;
  /** Characters or words of the references. */
  readonly length: number;
}

/** A text and what a reader made of it. */
export interface TextPair {
  readonly reference: string;
  readonly found: string;
}

export interface TextOptions {
  /**
   * Unicode form that both texts are brought into first. None by default, as in jiwer: é as one
   * character and e with an accent behind it differ.
   */
  readonly form?: "NFC" | "NFKC";
}

/** Character errors: code points, inner spaces included, outer ones stripped. */
export function characterErrors(pairs: readonly TextPair[], options: TextOptions = {}): ErrorCount {
  return count(pairs, options, (text) => [...text.trim()]);
}

/** Word errors: what stands between white space. */
export function wordErrors(pairs: readonly TextPair[], options: TextOptions = {}): ErrorCount {
  return count(pairs, options, words);
}

/**
 * VTBench's WER: edits of single characters, white space collapsed, over the number of reference
 * words. Easily above 1.
 */
export function vtbenchWordErrors(
  pairs: readonly TextPair[],
  options: TextOptions = {},
): ErrorCount {
  const { edits } = count(pairs, options, (text) => [...words(text).join(" ")]);
  return { edits, length: wordErrors(pairs, options).length };
}

/**
 * Edits over length; may exceed 1.
 *
 * @throws DataError if the references are empty, which leaves nothing to divide by.
 */
export function errorRate({ edits, length }: ErrorCount): number {
  if (length === 0) {
    throw new DataError({
      where: "error rate",
      expected: "references with text",
      got: "empty ones only",
    });
  }
  return edits / length;
}

/** Smallest number of insertions, deletions and substitutions that turn `a` into `b`. */
export function editDistance<T>(a: readonly T[], b: readonly T[]): number {
  // one row of the table: distances from a's beginning to all beginnings of b
  const row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const substituted = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j]!;
      row[j] = Math.min(substituted, diagonal + 1, row[j - 1]! + 1);
    }
  }
  return row[b.length]!;
}

function words(text: string): string[] {
  const trimmed = text.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/u);
}

function count(
  pairs: readonly TextPair[],
  { form }: TextOptions,
  split: (text: string) => string[],
): ErrorCount {
  const unitsOf = (text: string) => split(form ? text.normalize(form) : text);
  let [edits, length] = [0, 0];
  for (const { reference, found } of pairs) {
    const units = unitsOf(reference);
    edits += editDistance(units, unitsOf(found));
    length += units.length;
  }
  return { edits, length };
}
