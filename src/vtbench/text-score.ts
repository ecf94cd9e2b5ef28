/** Character and word errors of what a reader made of reconstructions, counted three ways. */
import {
  characterErrors,
  type ErrorCount,
  errorRate,
  type TextPair,
  vtbenchWordErrors,
  wordErrors,
} from "../metrics/text-errors.ts";

/** One picture, read. */
export interface Reading {
  /** What is written; undefined where nobody knows (pictures of users). */
  readonly truth?: string;
  readonly original: string;
  readonly rebuilt: string;
}

/** Rates; null where there is no reference text to divide by. */
export interface TextScore {
  /** Against what is written. */
  readonly cer: number | null;
  /** The reader's own error, on the originals. */
  readonly cerOfOriginals: number | null;
  /** The first less the second: what the codec did. */
  readonly excess: number | null;
  /** Against the reading of the original, as VTBench counts. */
  readonly cerAgainstReading: number | null;
  /** Words, against what is written; against the reading of the original where nobody knows. */
  readonly wer: number | null;
  /** Words as VTBench counts them, against the reading of the original. */
  readonly werVtbench: number | null;
  /** Pictures in whose original the reader found nothing: left out of rates against readings. */
  readonly unread: number;
}

/** @param words whether the script parts words by spaces. */
export function textScore(readings: readonly Reading[], words: boolean): TextScore {
  const known = readings.flatMap(({ truth, ...reading }) =>
    truth === undefined ? [] : [{ truth: flat(truth), ...reading }],
  );
  const read = readings.filter(({ original }) => flat(original) !== "");
  const toTruth = pairs(known, ({ truth, rebuilt }) => [truth, rebuilt]);
  const ofOriginals = pairs(known, ({ truth, original }) => [truth, original]);
  const toReading = pairs(read, ({ original, rebuilt }) => [original, rebuilt]);
  const cer = rate(characterErrors(toTruth));
  const cerOfOriginals = rate(characterErrors(ofOriginals));
  return {
    cer,
    cerOfOriginals,
    excess: cer === null || cerOfOriginals === null ? null : cer - cerOfOriginals,
    cerAgainstReading: rate(characterErrors(toReading)),
    wer: words ? rate(wordErrors(toTruth.length > 0 ? toTruth : toReading)) : null,
    werVtbench: words ? rate(vtbenchWordErrors(toReading)) : null,
    unread: readings.length - read.length,
  };
}

function pairs<T>(
  items: readonly T[],
  choose: (item: T) => readonly [reference: string, found: string],
): TextPair[] {
  return items.map((item) => {
    const [reference, found] = choose(item);
    return { reference: flat(reference), found: flat(found) };
  });
}

/** Where lines break is no matter of the text. */
function flat(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}

function rate(count: ErrorCount): number | null {
  return count.length === 0 ? null : errorRate(count);
}
