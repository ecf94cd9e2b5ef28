/** One order of all codecs, from one number for each task. */
import type { PictureCodec } from "./codec.ts";
import { meanOrNull, present, type SplitScore } from "./split-score.ts";
import { type Task, tasks } from "./task.ts";

export interface Standing {
  readonly codec: string;
  readonly kind: PictureCodec["kind"];
  /** Mean of its ranks in the tasks; null if it was measured in none. */
  readonly meanRank: number | null;
  /** Mean over the splits; null where bits are not counted. */
  readonly bitsPerPixel: number | null;
  /** By task: mean PSNR in dB (infinite if all are equal), mean retention, mean character error. */
  readonly values: Readonly<Partial<Record<Task, number>>>;
  readonly failed: number;
}

/** Whether more is better. */
const upwards: Readonly<Record<Task, boolean>> = {
  reconstruction: true,
  detail: true,
  text: false,
};

/** Above this error on the originals a reader's split is invalid, and in no ranking. */
export const readerGate = 0.01;

/** Best first. Ties share a rank; bits do not count, which is why they stand beside it. */
export function ranking(
  codecs: readonly PictureCodec[],
  scores: readonly SplitScore[],
): Standing[] {
  const standings = codecs.map(({ name, kind }) => {
    const own = scores.filter(({ codec }) => codec === name);
    const values = Object.fromEntries(
      tasks.flatMap((task) => {
        const value = taskValue(own.filter((score) => score.task === task));
        return value === null ? [] : [[task, value] as const];
      }),
    );
    return {
      codec: name,
      kind,
      values: values as Standing["values"],
      bitsPerPixel: meanOrNull(present(own.map(({ bitsPerPixel }) => bitsPerPixel))),
      failed: own.reduce((sum, { failed }) => sum + failed, 0),
    };
  });
  return standings
    .map((standing) => ({ ...standing, meanRank: meanRank(standing, standings) }))
    .sort((a, b) => (a.meanRank ?? Infinity) - (b.meanRank ?? Infinity));
}

function meanRank(own: Pick<Standing, "values">, all: readonly Pick<Standing, "values">[]) {
  const ranks = tasks.flatMap((task) => {
    const value = own.values[task];
    if (value === undefined) return [];
    const others = present(all.map(({ values }) => values[task]));
    return [1 + others.filter((other) => (upwards[task] ? other > value : other < value)).length];
  });
  return meanOrNull(ranks);
}

/** Of scores of one codec in one task; null where nothing was measured. */
function taskValue(scores: readonly SplitScore[]): number | null {
  return meanOrNull(present(scores.map(splitValue)));
}

function splitValue(score: SplitScore): number | null {
  if (score.pictures === 0) return null;
  switch (score.task) {
    case "reconstruction":
      return score.psnr ?? Number.POSITIVE_INFINITY;
    case "detail":
      return meanOrNull(present(score.retention?.map(({ value }) => value) ?? []));
    case "text":
      return textValue(score);
  }
}

/** The glyph reader's error where it is valid; Tesseract's on pictures whose layout nobody knows. */
function textValue({ glyphs, tesseract }: SplitScore): number | null {
  if (!glyphs) return tesseract?.cerAgainstReading ?? null;
  return (glyphs.cerOfOriginals ?? 1) <= readerGate ? glyphs.cer : null;
}
