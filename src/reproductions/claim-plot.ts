/** A claim at a glance: its curve, or else its measures seed by seed. */
import type { TopLevelSpec } from "vega-lite";
import type { ClaimRecord } from "../catalogue/claim-record.ts";

const size = { width: 380, height: 240 };

export function claimPlot(record: ClaimRecord): TopLevelSpec {
  return record.curve ? curvePlot(record, record.curve) : pointPlot(record);
}

function curvePlot(
  { system, baseline }: ClaimRecord,
  { name, points }: NonNullable<ClaimRecord["curve"]>,
): TopLevelSpec {
  const values = points.flatMap((point) => [
    { step: point.step, value: point.baseline, arm: baseline },
    { step: point.step, value: point.measured, arm: system },
  ]);
  return {
    ...size,
    background: "white",
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "step", type: "quantitative", title: "training steps" },
      y: { field: "value", type: "quantitative", title: name, scale: { zero: false } },
      color: { field: "arm", type: "nominal", title: null, sort: [baseline, system] },
    },
  };
}

function pointPlot({ system, baseline, measures }: ClaimRecord): TopLevelSpec {
  const values = measures.flatMap((measure) =>
    measure.baseline.flatMap((value, i) => [
      { name: measure.name, value, arm: baseline },
      { name: measure.name, value: measure.measured[i], arm: system },
    ]),
  );
  return {
    background: "white",
    data: { values },
    columns: 3,
    facet: { field: "name", type: "nominal", title: null },
    spec: {
      width: 200,
      height: 160,
      mark: { type: "point", filled: true, size: 60 },
      encoding: {
        x: { field: "arm", type: "nominal", title: null, sort: [baseline, system] },
        y: { field: "value", type: "quantitative", title: null, scale: { zero: false } },
        color: { field: "arm", type: "nominal", legend: null, sort: [baseline, system] },
      },
    },
    resolve: { scale: { y: "independent" } },
  };
}
