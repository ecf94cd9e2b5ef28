/** Curves, histograms and bars as SVG in a page, in the colour of its text. */
import type { Config, TopLevelSpec } from "vega-lite";
import { plotSvg } from "../../plots/plot.ts";
import { type Html, html, trusted } from "./html.ts";

/** One curve or histogram of a chart. */
export interface Series<P> {
  readonly name: string;
  readonly points: readonly P[];
}

export interface ChartWords {
  readonly title: string;
  readonly words: string;
  readonly x: string;
  readonly y: string;
}

const WIDTH = 440;
const HEIGHT = 210;
/** Legible on light and dark ground alike. */
const COLOURS = ["#4a86e0", "#e0873a", "#4aa46a"];
const BINS = 40;

// the page decides what the current colour is
const config: Config = {
  background: "transparent",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    labelColor: "currentColor",
    titleColor: "currentColor",
    domainColor: "currentColor",
    tickColor: "currentColor",
    gridColor: "currentColor",
    gridOpacity: 0.14,
    domainOpacity: 0.4,
    tickOpacity: 0.4,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
  },
  legend: {
    labelColor: "currentColor",
    labelFontSize: 11,
    labelLimit: 0,
    orient: "top",
    title: null,
  },
  range: { category: COLOURS },
};

export async function lineChart(
  words: ChartWords,
  series: readonly Series<{ readonly x: number; readonly y: number }>[],
): Promise<Html> {
  const values = series.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })));
  return chart(words, {
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "x", type: "quantitative", title: words.x, scale: { zero: false } },
      y: { field: "y", type: "quantitative", title: words.y },
      color: colourOf(series),
    },
  });
}

/** How often values occur; each series adds up to 1, so that sets of other sizes can be held against it. */
export async function histogram(
  words: ChartWords,
  series: readonly Series<number>[],
): Promise<Html> {
  const finite = series.map(({ name, points }) => ({
    name,
    points: points.filter(Number.isFinite),
  }));
  const all = finite.flatMap(({ points }) => points);
  const low = all.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const step = (high - low) / BINS || 1;
  const values = finite.flatMap(({ name, points }) =>
    binShares(points, low, step).map((share, bin) => ({
      name,
      from: low + bin * step,
      to: low + (bin + 1) * step,
      share,
    })),
  );
  return chart(words, {
    data: { values },
    mark: { type: "bar", opacity: series.length > 1 ? 0.6 : 1 },
    encoding: {
      x: { field: "from", type: "quantitative", title: words.x, scale: { zero: false } },
      x2: { field: "to" },
      y2: { datum: 0 },
      y: {
        field: "share",
        type: "quantitative",
        title: words.y,
        axis: { format: "%" },
      },
      color: colourOf(series),
    },
  });
}

/** A bar for each name, in their order. */
export async function barChart(
  words: ChartWords,
  bars: readonly { readonly name: string; readonly value: number }[],
): Promise<Html> {
  return chart(words, {
    data: { values: [...bars] },
    mark: { type: "bar", color: COLOURS[0]! },
    encoding: {
      x: { field: "name", type: "nominal", title: words.x, sort: null, axis: { labelAngle: 0 } },
      y: { field: "value", type: "quantitative", title: words.y },
    },
  });
}

function colourOf(series: readonly Series<unknown>[]) {
  const domain = series.map(({ name }) => name);
  const legend = series.length > 1 ? {} : null;
  return { field: "name", type: "nominal", scale: { domain }, legend } as const;
}

function binShares(points: readonly number[], low: number, step: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of points) counts[Math.min(BINS - 1, Math.floor((value - low) / step))]!++;
  return counts.map((count) => count / points.length);
}

async function chart(
  { title, words }: ChartWords,
  spec: Omit<Extract<TopLevelSpec, { mark: unknown }>, "$schema">,
): Promise<Html> {
  const whole = { ...spec, width: WIDTH, height: HEIGHT, config } as TopLevelSpec;
  const svg = await plotSvg(whole);
  return html`<div class="chart"><h3>${title}</h3>${trusted(svg)}<p class="note">${words}</p></div>`;
}
