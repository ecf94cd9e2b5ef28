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
  /**
   * By task: mean PSNR in dB (infinite if all are equal), mean retention with octaves below 0 taken
   * as 0, mean character error. Absent where pictures of the task failed: the rest would be easier.
   */
  readonly values: Readonly<Partial<Record<Task, number>>>;
  readonly failed: Readonly<Partial<Record<Task, number>>>;
}

/** Whether more is better. */
const upwards: Readonly<Record<Task, boolean>> = {
  reconstruction: true,
  detail: true,
  text: false,
};

/** Above this error on the originals a reader's split is invalid, and in no ranking. */
export const readerGate = 0.01;

/**
 * Best first. Ties share a rank, and whoever failed in a task is last in it; bits do not count, which
 * is why they stand beside it.
 */
export function ranking(
  codecs: readonly PictureCodec[],
  scores: readonly SplitScore[],
): Standing[] {
  const standings = codecs.map(({ name, kind }) => {
    const own = scores.filter(({ codec }) => codec === name);
    const [values, failed]: [Partial<Record<Task, number>>, Partial<Record<Task, number>>] = [
      {},
      {},
    ];
    for (const task of tasks) {
      const ofTask = own.filter((score) => score.task === task);
      const failures = ofTask.reduce((sum, score) => sum + score.failed, 0);
      const value = meanOrNull(present(ofTask.map(splitValue)));
      if (failures > 0) failed[task] = failures;
      else if (value !== null) values[task] = value;
    }
    const bitsPerPixel = meanOrNull(present(own.map((score) => score.bitsPerPixel)));
    return { codec: name, kind, values, failed, bitsPerPixel };
  });
  return standings
    .map((standing) => ({ ...standing, meanRank: meanRank(standing, standings) }))
    .sort((a, b) => (a.meanRank ?? Infinity) - (b.meanRank ?? Infinity));
}

type Results = Pick<Standing, "values" | "failed">;

function meanRank({ values, failed }: Results, all: readonly Results[]): number | null {
  const ranks = tasks.flatMap((task) => {
    const own = values[task];
    const known = present(all.map((standing) => standing.values[task]));
    if (own === undefined) return failed[task] === undefined ? [] : [1 + known.length];
    return [1 + known.filter((other) => (upwards[task] ? other > own : other < own)).length];
  });
  return meanOrNull(ranks);
}

function splitValue(score: SplitScore): number | null {
  if (score.pictures === 0) return null;
  switch (score.task) {
    case "reconstruction":
      return score.psnr ?? Number.POSITIVE_INFINITY;
    case "detail":
      return meanOrNull(
        present(score.retention?.map(({ value }) => value) ?? []).map((kept) => Math.max(0, kept)),
      );
    case "text":
      return textValue(score);
  }
}

/** The glyph reader's error where it is valid; Tesseract's on pictures whose layout nobody knows. */
function textValue({ glyphs, tesseract }: SplitScore): number | null {
  if (!glyphs) return tesseract?.cerAgainstReading ?? null;
  return (glyphs.cerOfOriginals ?? 1) <= readerGate ? glyphs.cer : null;
}
