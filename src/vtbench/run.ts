/** All codecs over all splits, picture by picture: no more than a few pictures are held at a time. */
import type { Picture } from "../images/picture.ts";
import type { PictureCodec } from "./codec.ts";
import { type MeasureTools, measure } from "./measure.ts";
import { officialInput } from "./official-quirks.ts";
import { readersOf, type SampleReaders } from "./readers.ts";
import { type Row, type SplitScore, splitScore } from "./split-score.ts";
import type { Sample, Split } from "./splits.ts";
import type { TextReader } from "./tesseract-reader.ts";

export interface BenchOptions extends MeasureTools {
  readonly codecs: readonly PictureCodec[];
  readonly splits: readonly Split[];
  /** Null where it is not installed. */
  readonly tesseract: TextReader | null;
  readonly signal?: AbortSignal;
  /** After each picture of each codec. */
  readonly onProgress?: (done: number, note: string) => void;
}

export interface BenchOutcome {
  readonly scores: readonly SplitScore[];
  readonly sheets: readonly SheetRows[];
}

/** The first pictures of a split with what each codec made of them; null where it failed. */
export interface SheetRows {
  readonly split: string;
  readonly rows: readonly {
    readonly original: Picture;
    readonly rebuilt: readonly (Picture | null)[];
  }[];
}

/** Rows of a contact sheet. */
const sheetRows = 3;

/** Pictures that `onProgress` counts to. */
export function picturesToMeasure({ codecs, splits }: BenchOptions): number {
  return codecs.length * splits.reduce((sum, { count }) => sum + count, 0);
}

export async function runBench(options: BenchOptions): Promise<BenchOutcome> {
  const scores: SplitScore[] = [];
  const sheets: SheetRows[] = [];
  let before = 0;
  for (const split of options.splits) {
    const found = await runSplit(split, options, before);
    scores.push(...found.scores);
    sheets.push(found.sheet);
    before += split.count * options.codecs.length;
  }
  return { scores, sheets };
}

async function runSplit(split: Split, options: BenchOptions, before: number) {
  const { codecs, signal, onProgress } = options;
  const rows: Row[][] = codecs.map(() => []);
  const failures: string[][] = codecs.map(() => []);
  const sheet: { original: Picture; rebuilt: (Picture | null)[] }[] = [];
  let done = before;
  for (let index = 0; index < split.count; index++) {
    signal?.throwIfAborted();
    const sample = await orFailure(async () => split.sample(index));
    if ("failure" in sample) {
      for (const list of failures) list.push(sample.failure);
      done += codecs.length;
      continue;
    }
    const layout = !options.official;
    const readers = readersOf(split, sample, { tesseract: options.tesseract, layout });
    const rebuilt: (Picture | null)[] = [];
    for (const [c, codec] of codecs.entries()) {
      signal?.throwIfAborted();
      const found = await attempt(codec, split, sample, readers, options);
      if ("failure" in found) failures[c]!.push(found.failure);
      else rows[c]!.push(found.row);
      rebuilt.push("failure" in found ? null : found.picture);
      onProgress?.(++done, `${split.name}, ${codec.name}`);
    }
    if (sheet.length < sheetRows) sheet.push({ original: sample.picture, rebuilt });
  }
  return {
    scores: codecs.map(({ name }, c) => splitScore(split, name, rows[c]!, failures[c]!)),
    sheet: { split: split.name, rows: sheet },
  };
}

/** What a codec cannot do is counted, and the others go on. */
async function attempt(
  codec: PictureCodec,
  split: Split,
  sample: Sample,
  readers: SampleReaders,
  options: BenchOptions,
): Promise<{ row: Row; picture: Picture } | { failure: string }> {
  const original = options.official
    ? await officialInput(sample.picture, codec.nativeSize)
    : sample.picture;
  const rebuilt = await orFailure(() => codec.rebuild(original));
  if ("failure" in rebuilt) return rebuilt;
  const measured = await measure(split, sample, original, rebuilt, options);
  const readings = await readers.read(original, rebuilt.picture);
  return { row: { ...measured, ...readings }, picture: rebuilt.picture };
}

async function orFailure<T extends object>(
  run: () => Promise<T>,
): Promise<T | { readonly failure: string }> {
  try {
    return await run();
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
