/** The distances between two sets of pictures, from what was kept of them. */
import { metricName } from "../features/feature-network.ts";
import { bootstrapMean } from "../metrics/bootstrap.ts";
import { type Features, takeRows } from "../metrics/features.ts";
import { kernelDistance } from "../metrics/kernel-distance.ts";
import { precisionRecall } from "../metrics/precision-recall.ts";
import type { StatisticsFile } from "../metrics/statistics-file.ts";
import { type FrechetOptions, frechetMetric, spatialMetric } from "./frechet-metrics.ts";
import { type Metric, type MetricInterval, unavailable } from "./metric.ts";
import { SCORE_PARTS, type SetSummary } from "./set-summary.ts";

/** What samples are held against: statistics of a file stand before those of the pictures. */
export type ReferenceSide =
  | { readonly summary: SetSummary; readonly statistics: null }
  | { readonly summary: SetSummary | null; readonly statistics: StatisticsFile };

export type SetMetricOptions = FrechetOptions;

const NEIGHBOURS = 3;
const KERNEL_SUBSETS = 100;
const LARGEST_SUBSET = 1000;
const FEWEST_FOR_SUBSETS = 20;
/** Of a normal distribution within 95 %. */
const DEVIATIONS_95 = 1.96;

/** FD, sFID where the network has it, KD, IS, precision and recall, in that order. */
export function setMetrics(
  samples: SetSummary,
  reference: ReferenceSide,
  options: SetMetricOptions,
): Metric[] {
  const rows = reference.summary?.rows ?? null;
  return [
    ...frechets(samples, reference, options),
    kernel(samples.rows, rows, options),
    score(samples, options),
    ...precision(samples.rows, rows, options),
  ];
}

/** Of what both sides know: the statistics of a file, or those of the pictures. */
function frechets(
  samples: SetSummary,
  { summary, statistics }: ReferenceSide,
  options: SetMetricOptions,
): Metric[] {
  const pooled = statistics?.pooled ?? summary!.moments;
  const fd = frechetMetric({ samples: samples.moments, reference: pooled }, options);
  if (!samples.spatialMoments) return [fd];
  const spatial = statistics ? statistics.spatial : summary!.spatialMoments;
  return [fd, spatialMetric(samples.spatialMoments, spatial, options)];
}

function kernel(
  samples: Features,
  reference: Features | null,
  { network, seed }: SetMetricOptions,
): Metric {
  const name = metricName("KD", network);
  const head = { id: "kd", name, better: "lower", count: samples.count } as const;
  if (!reference) return unavailable(head, "needs pictures as reference");
  const fewer = Math.min(samples.count, reference.count);
  if (fewer < FEWEST_FOR_SUBSETS) {
    return unavailable(head, `needs ${FEWEST_FOR_SUBSETS} pictures on both sides, got ${fewer}`);
  }
  const subsetSize = Math.min(LARGEST_SUBSET, Math.floor(fewer / 2));
  const options = { seed, subsets: KERNEL_SUBSETS, subsetSize };
  const { mean, deviation } = kernelDistance(samples, reference, options);
  // a subset of m out of N scatters as the whole set does, times √((N − m) / m)
  const half = DEVIATIONS_95 * deviation * Math.sqrt(subsetSize / (fewer - subsetSize));
  return {
    ...head,
    value: mean,
    interval: {
      low: mean - half,
      high: mean + half,
      confidence: 0.95,
      method: `from the deviation ${deviation.toExponential(2)} over the subsets`,
    },
    referenceCount: reference.count,
    note: `${KERNEL_SUBSETS} subsets of ${subsetSize}`,
  };
}

function score(samples: SetSummary, { network, seed }: SetMetricOptions): Metric {
  const { mean, deviation, values } = samples.score();
  const { low, high, confidence, resamples } = bootstrapMean(values, { seed });
  return {
    id: "is",
    name: metricName("IS", network),
    better: "higher",
    value: mean,
    ...(values.length === SCORE_PARTS && {
      interval: {
        low,
        high,
        confidence,
        method: `bootstrap, ${resamples} resamples of the parts`,
      },
    }),
    count: samples.count,
    note: `mean of ${values.length} parts in order, deviation ${deviation.toPrecision(3)}`,
  };
}

function precision(
  samples: Features,
  reference: Features | null,
  { network, seed }: SetMetricOptions,
): Metric[] {
  const name = metricName("P/R", network);
  const head = (id: "precision" | "recall") =>
    ({ id, name: `${id} ${name}`, better: "higher", count: samples.count }) as const;
  const both = (missing: string) =>
    (["precision", "recall"] as const).map((id) => unavailable(head(id), missing));
  if (!reference) return both("needs pictures as reference");
  const count = Math.min(samples.count, reference.count);
  if (count <= NEIGHBOURS) {
    return both(`needs more than ${NEIGHBOURS} pictures on both sides, got ${count}`);
  }
  const found = precisionRecall(evenly(samples, count), evenly(reference, count), {
    neighbours: NEIGHBOURS,
  });
  return (["precision", "recall"] as const).map((id) => ({
    ...head(id),
    value: found[id],
    interval: shareInterval(found[id], count, seed),
    count,
    referenceCount: count,
    note: `${NEIGHBOURS} nearest neighbours, equal counts`,
  }));
}

/** Rows at even distances, so that an ordered set keeps all of its kinds. */
function evenly(features: Features, count: number): Features {
  if (count === features.count) return features;
  const step = features.count / count;
  return takeRows(
    features,
    Int32Array.from({ length: count }, (_, i) => Math.floor(i * step)),
  );
}

function shareInterval(share: number, count: number, seed: number): MetricInterval {
  const inside = Math.round(share * count);
  const flags = Uint8Array.from({ length: count }, (_, i) => (i < inside ? 1 : 0));
  const { low, high, confidence, resamples } = bootstrapMean(flags, { seed });
  return {
    low,
    high,
    confidence,
    method: `bootstrap, ${resamples} resamples of the pictures, the balls held`,
  };
}
