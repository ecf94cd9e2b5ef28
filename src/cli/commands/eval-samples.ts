import { basename, dirname, join, resolve } from "node:path";
import { fileHash } from "../../checkpoints/file-hash.ts";
import { classAccuracy } from "../../eval/class-accuracy.ts";
import type { Gallery } from "../../eval/gallery.ts";
import { closenessOf, collectGallery } from "../../eval/gallery.ts";
import { MOST_ROWS, measureSets, type SetMeasurement } from "../../eval/measure-sets.ts";
import type { Metric } from "../../eval/metric.ts";
import { openPictureSet } from "../../eval/open-pictures.ts";
import { chosenPictures, type PictureSet } from "../../eval/picture-set.ts";
import { openReference, type Reference } from "../../eval/reference.ts";
import { type EvalResult, RESULT_FORMAT, type Setting } from "../../eval/result.ts";
import { retrievalMetric } from "../../eval/retrieval.ts";
import { picturesWithTexts, textMetricSettings, textMetrics } from "../../eval/text-metrics.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { commandLine, type EvalValues, requireAsked } from "./eval-options.ts";
import { type EvalTools, finished, networkFacts, withProgress, withTools } from "./eval-tools.ts";

/** Pictures of the report: a screen of each side, and the closest ones of some samples. */
const SHOWN = 48;
const STRIPS = 12;
const NEIGHBOURS = 3;

/** `ordo eval samples`. */
export async function evalSamples(
  context: CommandContext,
  paths: readonly string[],
  values: EvalValues,
): Promise<CommandResult> {
  requireAsked("samples", paths, values, ["a folder, .zip or .npz of pictures"]);
  const [path] = paths as [string];
  const all = await openPictureSet(path);
  try {
    const reference = await openReference(values.reference!);
    try {
      return await withTools(context, values, (tools) =>
        evaluateSets(context, tools, values, {
          kind: "samples",
          name: basename(path),
          folder: values.output ?? join("eval", `samples-${stem(path)}`),
          samples: chosenPictures(all, values.count ?? all.count, tools.measuring.seed),
          reference,
          settings: { command: commandLine("samples", paths, values) },
        }),
      );
    } finally {
      await reference.pictures?.close();
    }
  } finally {
    await all.close();
  }
}

/** A file's or folder's name without its ending; of the folder `model` in a run, the run's name. */
export function stem(path: string): string {
  const name = basename(path).replace(/\.(zip|npz)$/i, "");
  return name === "model" ? basename(dirname(resolve(path))) || name : name;
}

export interface SetsToEvaluate {
  readonly kind: "samples" | "model";
  /** What reports call the samples. */
  readonly name: string;
  readonly folder: string;
  readonly samples: PictureSet;
  readonly reference: Reference;
  readonly settings: Readonly<Record<string, Setting>>;
}

/** Measures, and writes the report unless it is not wanted. */
export async function evaluateSets(
  context: CommandContext,
  tools: EvalTools,
  { report, force }: EvalValues,
  { kind, name, folder, samples, reference, settings: own }: SetsToEvaluate,
): Promise<CommandResult> {
  const { network, clip, measuring, settings } = tools;
  const { seed, signal } = measuring;
  const total = samples.count + (reference.pictures?.count ?? 0);
  const shape = { shown: SHOWN, neighbours: NEIGHBOURS };
  const measured = await withProgress(
    context,
    { label: "measuring", total, unit: "pictures" },
    (onProgress) => measureSets(samples, reference, { ...measuring, ...shape, onProgress }),
  );
  const byTexts = clip
    ? await withProgress(
        context,
        {
          label: "comparing with texts",
          total: picturesWithTexts(samples).length,
          unit: "pictures",
        },
        (onProgress) => textMetrics(samples, { ...measuring, network: clip, onProgress }),
      )
    : [];
  const { pictures } = reference;
  // pictures of other origin need not be called what they show
  const byCaptions = kind === "model" ? captionMetrics(samples, pictures, measured, tools) : [];
  const gallery = report
    ? await withProgress(
        context,
        { label: "looking for copies", total: pictures?.count ?? 0, unit: "pictures" },
        (onProgress) =>
          collectGallery(samples, pictures, measured, {
            ...shape,
            seed,
            strips: STRIPS,
            onProgress,
            ...(signal && { signal }),
          }),
      )
    : null;
  const closeness = report ? closenessOf(measured) : null;
  const result: EvalResult = {
    format: RESULT_FORMAT,
    kind,
    subject: {
      name,
      count: samples.count,
      decoding: samples.decoding,
      fingerprint: measured.samples.fingerprint(),
    },
    reference: {
      name: basename(reference.name),
      count: measured.reference?.count ?? reference.statistics?.pooled.count ?? null,
      decoding: pictures?.decoding ?? "statistics of a file",
      fingerprint: measured.reference?.fingerprint() ?? `${await fileHash(reference.name)}`,
    },
    network: networkFacts(network),
    metrics: [...measured.metrics, ...byCaptions, ...byTexts],
    warnings: measured.warnings,
    settings: {
      ...own,
      ...settings,
      "rows for KD, precision and recall, at most": MOST_ROWS,
      ...(clip && textMetricSettings(clip)),
    },
    details: { byCount: measured.byCount, ...(gallery && { closest: closestOf(gallery) }) },
  };
  const page = gallery && (await pageOf(result, measured, gallery, closeness));
  return finished(context, result, { folder, force, page });
}

function captionMetrics(
  samples: PictureSet,
  reference: PictureSet | null,
  measured: SetMeasurement,
  { network, measuring: { seed } }: EvalTools,
): Metric[] {
  if (!reference || !measured.reference) return [];
  const sides = [
    { set: samples, summary: measured.samples },
    { set: reference, summary: measured.reference },
  ] as const;
  return [
    retrievalMetric(...sides, { network, seed }),
    ...(network.classNames ? [classAccuracy(...sides, { network, seed })] : []),
  ];
}

async function pageOf(
  result: EvalResult,
  measured: SetMeasurement,
  gallery: Gallery,
  closeness: ReturnType<typeof closenessOf>,
): Promise<string> {
  const { setReport } = await import("../../eval/report/set-report.ts");
  return setReport({ result, measured, gallery, closeness });
}

function closestOf({ strips }: Gallery): object[] {
  return strips.map(({ sample, byFeatures, byPixels }) => ({
    sample: sample.name,
    byFeatures: byFeatures.map(({ shown, distance }) => ({ name: shown.name, distance })),
    byPixels: byPixels.map(({ shown, distance }) => ({ name: shown.name, distance })),
  }));
}
