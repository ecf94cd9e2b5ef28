/** The report of samples against a reference. */
import { quantile } from "../../metrics/bootstrap.ts";
import type { Closeness, CloseTo, Gallery, ShownPicture, Strip } from "../gallery.ts";
import type { SetMeasurement } from "../measure-sets.ts";
import { figure as digits } from "../metric.ts";
import type { EvalResult } from "../result.ts";
import { histogram, lineChart } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { page, section } from "./page.ts";
import { figure } from "./picture-data.ts";

export interface SetReport {
  readonly result: EvalResult;
  readonly measured: Pick<SetMeasurement, "byCount">;
  readonly gallery: Gallery;
  readonly closeness: Closeness | null;
}

/** A page of its own, pictures included. */
export async function setReport({
  result,
  measured,
  gallery,
  closeness,
}: SetReport): Promise<string> {
  const { subject, reference, network } = result;
  const { samples, strips } = gallery;
  const what = result.kind === "model" ? "pictures drawn by" : "pictures of";
  const counts = `${subject.count} ${what} ${subject.name} against ${reference.count ?? "an unknown number of"} of ${reference.name}`;
  return page(result, {
    title: `${subject.name} against ${reference.name}`,
    subtitle: `${counts}, by ${network.name}.`,
    sections: [
      section("Samples", `${samples.length}, chosen by the seed.`, await grid(samples)),
      gallery.reference.length === 0
        ? null
        : section("Reference", "Chosen by the seed.", await grid(gallery.reference)),
      strips.length === 0
        ? null
        : section(
            "Closest reference pictures",
            `Each sample (outlined), then what is closest to it by features, and by pixels (root of the mean squared difference of bytes, 0 to 255). A model that learned pictures by heart shows them here.${severalSizes(strips)}${yardstick(closeness)}`,
            html`<div class="strips">${await Promise.all(strips.map(strip))}</div>`,
          ),
      await curves(measured, closeness),
    ],
  });
}

async function grid(pictures: readonly ShownPicture[]): Promise<Html> {
  const figures = pictures.map(({ picture, caption }) => figure(picture, caption));
  return html`<div class="grid">${await Promise.all(figures)}</div>`;
}

async function strip({ sample, byFeatures, byPixels }: Strip): Promise<Html> {
  const close = (kind: "feature" | "pixel") => (one: CloseTo) =>
    figure(one.shown.picture, `${digits(one.distance)} ${one.shown.caption}`, kind);
  const parts = [
    await figure(sample.picture, sample.caption, "own"),
    ...(await Promise.all(byFeatures.map(close("feature")))),
    html`<span class="gap"></span>`,
    ...(await Promise.all(byPixels.map(close("pixel")))),
  ];
  return html`<div class="strip near">${parts}</div>`;
}

function severalSizes(strips: readonly Strip[]): string {
  if (strips.some(({ byPixels }) => byPixels.length > 0)) return "";
  return " These samples have several sizes, and no distance in pixels.";
}

function yardstick(closeness: Closeness | null): string {
  if (!closeness) return "";
  const median = quantile(Float64Array.from(closeness.reference).sort(), 0.5);
  return ` For scale: half of the reference pictures have another one within ${digits(median)} in features.`;
}

async function curves(
  { byCount }: SetReport["measured"],
  closeness: Closeness | null,
): Promise<Html | null> {
  const charts = [
    ...(byCount.length > 0
      ? [
          lineChart(
            {
              title: "Distance by number of pictures",
              words:
                "The same pictures, fewer of them on both sides: small sets look worse than they are.",
              x: "samples",
              y: "Frechet distance",
            },
            [{ name: "FD", points: byCount.map(({ rows, value }) => ({ x: rows, y: value })) }],
          ),
        ]
      : []),
    ...(closeness
      ? [
          histogram(
            {
              title: "Distance to the closest reference picture",
              words:
                "In feature space. Samples far to the left of the reference are copies; far to the right, they are like nothing in it.",
              x: "distance",
              y: "share",
            },
            [
              { name: "samples", points: [...closeness.samples] },
              { name: "reference, to another one", points: [...closeness.reference] },
            ],
          ),
        ]
      : []),
  ];
  if (charts.length === 0) return null;
  return section("Curves", "", html`<div class="charts">${await Promise.all(charts)}</div>`);
}
