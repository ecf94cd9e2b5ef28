/** What codecs keep against the bits that they take, one panel for each task. */
import type { TopLevelSpec } from "vega-lite";
import type { Standing } from "./ranking.ts";
import { type Task, tasks } from "./task.ts";

const titles: Readonly<Record<Task, string>> = {
  reconstruction: "PSNR, dB",
  detail: "retention of octaves, mean",
  text: "characters read wrongly",
};

/** Codecs without a count of bits, or without any error, have no place in it. */
export function rateDistortionPlot(standings: readonly Standing[]): TopLevelSpec {
  const panels = tasks.map((task) => {
    const values = standings.flatMap(({ codec, kind, bitsPerPixel, values: found }) => {
      const value = found[task];
      if (bitsPerPixel === null || value === undefined || !Number.isFinite(value)) return [];
      return [{ codec, kind, bitsPerPixel, value }];
    });
    return panel(values, titles[task]);
  });
  return { background: "white", hconcat: panels };
}

function panel(values: readonly object[], title: string) {
  const x = {
    field: "bitsPerPixel",
    type: "quantitative",
    title: "bits per pixel",
    scale: { type: "log", nice: false, padding: 24 },
  } as const;
  const y = { field: "value", type: "quantitative", title, scale: { zero: false } } as const;
  const color = { field: "kind", type: "nominal", title: null } as const;
  return {
    width: 300,
    height: 300,
    data: { values: [...values] },
    layer: [
      { mark: { type: "point" as const, filled: true, size: 60 }, encoding: { x, y, color } },
      {
        mark: { type: "text" as const, align: "left" as const, dx: 6, dy: -5, fontSize: 9 },
        encoding: { x, y, color, text: { field: "codec", type: "nominal" as const } },
      },
    ],
  };
}
