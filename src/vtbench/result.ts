/** A run's record: what was measured, with what, and every setting that shaped a number. */
import type { PictureCodec } from "./codec.ts";
import { ranking, readerGate, type Standing } from "./ranking.ts";
import type { BenchOptions } from "./run.ts";
import type { SplitScore } from "./split-score.ts";
import type { Split } from "./splits.ts";

export interface BenchResult {
  readonly seed: number;
  readonly ordo: string;
  readonly hardware: string;
  /** Whether VTBench's quirks were on. */
  readonly officialQuirks: boolean;
  /** Names with versions; null for those that were not there. */
  readonly readers: { readonly glyphs: string; readonly tesseract: string | null };
  readonly perceptual: string | null;
  readonly codecs: readonly (Omit<PictureCodec, "rebuild"> & { readonly weights?: string })[];
  readonly splits: readonly Omit<Split, "sample">[];
  readonly ranking: readonly Standing[];
  readonly scores: readonly SplitScore[];
  readonly warnings: readonly string[];
}

export interface ResultFacts {
  readonly seed: number;
  readonly ordo: string;
  readonly hardware: string;
  /** Hashes of tokenizers by their name. */
  readonly weights: ReadonlyMap<string, string>;
}

export function benchResult(
  { codecs, splits, tesseract, perceptual, official }: BenchOptions,
  scores: readonly SplitScore[],
  { seed, ordo, hardware, weights }: ResultFacts,
): BenchResult {
  return {
    seed,
    ordo,
    hardware,
    officialQuirks: official,
    readers: { glyphs: "oracle layout, correlation", tesseract: tesseract?.name ?? null },
    perceptual: perceptual?.name ?? null,
    codecs: codecs.map(({ name, kind, about, nativeSize }) => {
      const hash = weights.get(name);
      return { name, kind, about, nativeSize, ...(hash !== undefined && { weights: hash }) };
    }),
    splits: splits.map(({ name, task, about, count, latin }) => ({
      name,
      task,
      about,
      count,
      latin,
    })),
    ranking: ranking(codecs, scores),
    scores,
    warnings: warningsOf(scores),
  };
}

function warningsOf(scores: readonly SplitScore[]): string[] {
  const invalid = scores.filter(({ glyphs }) => (glyphs?.cerOfOriginals ?? 0) > readerGate);
  const splits = new Set(invalid.map(({ split }) => split));
  return [
    ...Array.from(splits, (split) => `${split}: the reader errs on originals; not ranked`),
    ...scores
      .filter(({ failed }) => failed > 0)
      .map(
        ({ codec, split, failed, failures }) =>
          `${codec} failed on ${failed} of ${split}: ${failures[0]}`,
      ),
  ];
}
