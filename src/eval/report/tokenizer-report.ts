/** The report of a tokenizer's reconstructions. */
import type { Picture } from "../../images/picture.ts";
import type { ReconstructionMeasurement, ScaleStatistics } from "../measure-reconstructions.ts";
import { figure as digits } from "../metric.ts";
import type { EvalResult } from "../result.ts";
import { barChart, histogram } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { page, section } from "./page.ts";
import { differenceMap, figure } from "./picture-data.ts";

/** An original with what became of it. */
export interface ShownPair {
  readonly original: Picture;
  readonly rebuilt: Picture;
  readonly caption: string;
  /** dB. */
  readonly psnr: number;
}

export interface TokenizerReport {
  readonly result: EvalResult;
  readonly measured: Pick<ReconstructionMeasurement, "pairs" | "scales">;
  readonly worst: readonly ShownPair[];
  readonly median: readonly ShownPair[];
  readonly best: readonly ShownPair[];
}

/** Differences are small: shown this many times larger. */
const GAIN = 3;

/** A page of its own, pictures included. */
export async function tokenizerReport(report: TokenizerReport): Promise<string> {
  const { result, measured } = report;
  const { subject, reference, network } = result;
  const words = `Original, reconstruction, and their difference times ${GAIN}.`;
  return page(result, {
    title: `${subject.name} on ${reference.name}`,
    subtitle: `${subject.count} pictures through the tokenizer and back, by ${network.name}.`,
    sections: [
      section("Worst", `By PSNR. ${words}`, await pairs(report.worst)),
      section("Median", words, await pairs(report.median)),
      section("Best", words, await pairs(report.best)),
      section("Curves", "", html`<div class="charts">${await charts(measured)}</div>`),
    ],
  });
}

async function pairs(shown: readonly ShownPair[]): Promise<Html> {
  const strips = shown.map(async ({ original, rebuilt, caption, psnr }) => {
    const parts = [
      await figure(original, caption),
      await figure(rebuilt, `${digits(psnr)} dB`),
      await figure(differenceMap(original, rebuilt, GAIN), `difference × ${GAIN}`),
    ];
    return html`<div class="strip pair">${parts}</div>`;
  });
  return html`<div class="pairs">${await Promise.all(strips)}</div>`;
}

async function charts({ pairs: found, scales }: TokenizerReport["measured"]): Promise<Html[]> {
  const bars = (value: (one: ScaleStatistics) => number) =>
    scales.map((one) => ({ name: one.scale, value: value(one) }));
  const shares = (title: string, x: string, points: readonly number[]) =>
    histogram({ title, words: "One value a picture.", x, y: "share" }, [{ name: title, points }]);
  return Promise.all([
    barChart(
      {
        title: "Codebook usage",
        words:
          "Share of the codes that occur at all. A scale with few tokens cannot reach all codes.",
        x: "scale",
        y: "%",
      },
      bars(({ usage }) => 100 * usage),
    ),
    barChart(
      {
        title: "Codebook perplexity",
        words: "Codes that would be as varied if all were equally frequent.",
        x: "scale",
        y: "codes",
      },
      bars(({ perplexity }) => perplexity),
    ),
    shares("PSNR", "dB", found.psnr),
    ...Array.from(found.ssim, ([variant, values]) =>
      values.length > 0 ? [shares(`SSIM (${variant})`, "SSIM", values)] : [],
    ).flat(),
    shares("Perceptual distance", "distance", found.perceptual),
  ]);
}
