/** The ladder as pictures for the documentation. */
import { writePlot } from "../../src/plots/plot.ts";
import type { RungMeasure } from "./rungs.ts";

/** Every metric over the rungs, one line for each kind of damage. */
export async function plotLadder(
  measures: readonly RungMeasure[],
  network: string,
  path: string,
): Promise<void> {
  const metrics = ["FD", "KD", "IS", "precision", "recall", "PSNR", "SSIM", "PercDist"];
  const values = measures.flatMap(({ damage, values }, i) => {
    const rung = i - measures.findIndex((other) => other.damage === damage);
    return Object.entries(values).map(([metric, value]) => ({ damage, rung, metric, value }));
  });
  await writePlot(
    {
      background: "white",
      title: `Damage, step by step, under ${network}`,
      data: { values },
      columns: 4,
      facet: { field: "metric", type: "nominal", title: null, sort: metrics },
      spec: {
        width: 190,
        height: 150,
        mark: { type: "line", point: true },
        encoding: {
          x: { field: "rung", type: "ordinal", title: "rung", axis: { labelAngle: 0 } },
          y: { field: "value", type: "quantitative", title: null, scale: { zero: false } },
          color: { field: "damage", type: "nominal", title: null },
        },
      },
      resolve: { scale: { y: "independent" } },
    },
    path,
  );
}

export interface CountedDistance {
  /** What the reference is compared with. */
  readonly set: string;
  /** Pictures on both sides. */
  readonly count: number;
  readonly value: number;
}

/** FD over 1/N: straight lines that meet the axis at the distance without bias. */
export async function plotByCount(
  distances: readonly CountedDistance[],
  network: string,
  path: string,
): Promise<void> {
  const values = distances.map((one) => ({ ...one, inverse: 1000 / one.count }));
  await writePlot(
    {
      background: "white",
      title: `FD[${network}] by the number of pictures`,
      data: { values },
      width: 420,
      height: 220,
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "inverse", type: "quantitative", title: "1000 / N" },
        y: { field: "value", type: "quantitative", title: "FD" },
        color: { field: "set", type: "nominal", title: null },
      },
    },
    path,
  );
}
