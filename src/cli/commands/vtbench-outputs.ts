/** What `ordo vtbench` leaves: a ranked table, and files. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../images/whole-file.ts";
import { writePicture } from "../../images/write.ts";
import { writePlot } from "../../plots/plot.ts";
import { contactSheet } from "../../vtbench/contact-sheet.ts";
import type { Standing } from "../../vtbench/ranking.ts";
import { rateDistortionPlot } from "../../vtbench/rate-distortion.ts";
import type { BenchResult } from "../../vtbench/result.ts";
import type { SheetRows } from "../../vtbench/run.ts";
import { meanOrNull, present, type SplitScore } from "../../vtbench/split-score.ts";
import { freePath } from "../named-outputs.ts";
import { type Cell, table } from "../table.ts";

/** @returns the paths written, by what they are. */
export async function writeOutputs(
  result: BenchResult,
  sheets: readonly SheetRows[],
  { folder, force }: { readonly folder: string; readonly force: boolean },
): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const path = (name: string) => {
    const whole = join(folder, name);
    return force ? whole : freePath(whole);
  };
  const files: Record<string, string> = { result: path("result.json") };
  await writeWhole(files.result!, `${JSON.stringify(result, null, 2)}\n`);
  const plot = path("rate-distortion.png");
  await writePlot(rateDistortionPlot(result.ranking), plot.replace(/\.png$/, ""));
  files.plot = plot;
  const names = result.codecs.map(({ name }) => name);
  for (const sheet of sheets.filter(({ rows }) => rows.length > 0)) {
    const file = path(`sheet-${sheet.split}.png`);
    await writePicture(contactSheet(sheet, names), file);
    files[`sheet-${sheet.split}`] = file;
  }
  return files;
}

/**
 * One row a codec, best first; errors of text in percent. Splits in which a codec failed are left out
 * of its row: means over what it could do would flatter it.
 */
export function rankedTable({ ranking, scores }: BenchResult): string {
  const rows = ranking.map((standing) => {
    const own = scores.filter(({ codec }) => codec === standing.codec);
    const whole = own.filter(({ failed }) => failed === 0);
    return columns.map(({ title, cell }) => cell(standing, title === "failed" ? own : whole));
  });
  const kept = columns.flatMap((_, i) => (rows.some((row) => row[i] !== absent) ? [i] : []));
  return table(
    kept.map((i) => columns[i]!.title),
    rows.map((row) => kept.map((i) => row[i]!)),
  );
}

const absent = "-";

interface Column {
  readonly title: string;
  cell(standing: Standing, scores: readonly SplitScore[]): Cell;
}

const columns: readonly Column[] = [
  { title: "rank", cell: ({ meanRank }) => fixed(meanRank, 1) },
  { title: "codec", cell: ({ codec }) => codec },
  { title: "bits/px", cell: ({ bitsPerPixel }) => fixed(bitsPerPixel, 2) },
  { title: "PSNR", cell: ({ values }) => decibels(values.reconstruction) },
  {
    title: "SSIM",
    cell: (_, scores) =>
      fixed(
        meanOf(scores, "reconstruction", ({ ssim }) => ssim),
        3,
      ),
  },
  {
    title: "perceptual",
    cell: (_, scores) =>
      fixed(
        meanOf(scores, "reconstruction", (score) => score.perceptual),
        4,
      ),
  },
  { title: "retention", cell: ({ values }) => fixed(values.detail, 3) },
  { title: "finest octave", cell: (_, scores) => fixed(finestOctave(scores), 3) },
  ...["posters", "abstracts"].flatMap((split): Column[] => [
    { title: `${split} CER`, cell: (_, all) => percent(named(all, split)?.glyphs?.cer) },
    { title: "tesseract", cell: (_, all) => percent(named(all, split)?.tesseract?.cer) },
  ]),
  {
    title: "scripts CER",
    cell: (_, scores) =>
      percent(
        meanOrNull(
          present(
            scores
              .filter(({ split, glyphs }) => glyphs && split !== "posters" && split !== "abstracts")
              .map(({ glyphs }) => glyphs?.cer),
          ),
        ),
      ),
  },
  {
    title: "CER against original",
    cell: (_, all) => percent(named(all, "data-text")?.tesseract?.cerAgainstReading),
  },
  { title: "failed", cell: (_, scores) => failures(scores) },
];

function failures(scores: readonly SplitScore[]): string {
  const failed = scores.reduce((sum, score) => sum + score.failed, 0);
  const asked = scores.reduce((sum, score) => sum + score.failed + score.pictures, 0);
  return failed === 0 ? absent : `${failed} of ${asked}`;
}

function named(scores: readonly SplitScore[], split: string): SplitScore | undefined {
  return scores.find((score) => score.split === split);
}

function meanOf(
  scores: readonly SplitScore[],
  task: SplitScore["task"],
  value: (score: SplitScore) => number | null,
): number | null {
  return meanOrNull(present(scores.filter((score) => score.task === task).map(value)));
}

function finestOctave(scores: readonly SplitScore[]): number | null {
  return meanOrNull(present(scores.map(({ retention }) => retention?.at(-1)?.value)));
}

function decibels(value: number | undefined): string {
  return value === Number.POSITIVE_INFINITY ? "equal" : fixed(value, 2);
}

function fixed(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? absent : value.toFixed(digits);
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? absent : `${(100 * value).toFixed(1)} %`;
}
