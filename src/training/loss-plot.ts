/** The curves of a run as `loss.svg` and `loss.png`. */
import { join } from "node:path";
import { writePlot } from "../plots/plot.ts";
import type { LogLine } from "./run-log.ts";

/** More points than this are thinned out by averaging neighbours. */
const POINTS = 400;

/** Columns that are about the machine, not about learning. */
const LEFT_OUT: ReadonlySet<string> = new Set(["step", "seconds", "learningRate"]);

export async function plotLosses(lines: readonly LogLine[], folder: string): Promise<void> {
  if (lines.length === 0) return;
  // measurements have lines of their own
  const all = new Set(lines.flatMap((line) => Object.keys(line)));
  const names = [...all].filter((name) => !LEFT_OUT.has(name));
  const values = names.flatMap((name) =>
    thin(
      lines.filter((line) => name in line),
      name,
    ),
  );
  await writePlot(
    {
      background: "white",
      data: { values },
      columns: 3,
      facet: { field: "name", type: "nominal", title: null, sort: names },
      spec: {
        width: 260,
        height: 160,
        mark: { type: "line", interpolate: "linear" },
        encoding: {
          x: { field: "step", type: "quantitative", title: "step" },
          y: { field: "value", type: "quantitative", title: null, scale: { zero: false } },
        },
      },
      resolve: { scale: { y: "independent" } },
    },
    join(folder, "loss"),
  );
}

interface Point {
  readonly name: string;
  readonly step: number;
  readonly value: number;
}

function thin(lines: readonly LogLine[], name: string): Point[] {
  const size = Math.ceil(lines.length / POINTS);
  const points: Point[] = [];
  for (let i = 0; i < lines.length; i += size) {
    const part = lines.slice(i, i + size).filter((line) => Number.isFinite(line[name]));
    if (part.length === 0) continue;
    const value = part.reduce((sum, line) => sum + line[name]!, 0) / part.length;
    points.push({ name, step: part.at(-1)!.step, value });
  }
  return points;
}
