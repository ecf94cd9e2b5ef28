/** The distances between two sets of pictures, from what was kept of them. */
import { type FeatureNetwork, metricName } from "../features/feature-network.ts";
import { bootstrapInterval, bootstrapMean, type Interval } from "../metrics/bootstrap.ts";
import { type Features, takeRows } from "../metrics/features.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import { kernelDistance } from "../metrics/kernel-distance.ts";
import type { FeatureStatistics } from "../metrics/moments.ts";
import { precisionRecall } from "../metrics/precision-recall.ts";
import { random } from "../random/random.ts";
import { type GroupedMoments, range } from "./grouped-moments.ts";
import { type Metric, type MetricInterval, unavailable } from "./metric.ts";
import { SCORE_PARTS, type SetSummary } from "./set-summary.ts";

/** What samples are held against: statistics of a file stand before those of the pictures. */
export type ReferenceSide =
  | { readonly summary: SetSummary; readonly statistics: null }
  | { readonly summary: SetSummary | null; readonly statistics: FeatureStatistics };

export interface SetMetricOptions {
  readonly network: FeatureNetwork;
  readonly seed: number;
}

/** Resamples of an interval: more where one costs milliseconds. */
export function resamplesFor(width: number): number {
  return width > 512 ? 20 : 100;
}
const NEIGHBOURS = 3;
const KERNEL_SUBSETS = 100;
const LARGEST_SUBSET = 1000;
const FEWEST_FOR_SUBSETS = 20;
/** Of a normal distribution within 95 %. */
const DEVIATIONS_95 = 1.96;

/** FD, KD, IS, precision and recall, in that order. */
export function setMetrics(
  samples: SetSummary,
  reference: ReferenceSide,
  options: SetMetricOptions,
): Metric[] {
  const rows = reference.summary?.rows ?? null;
  return [
    frechet(samples, reference, options),
    kernel(samples.rows, rows, options),
    score(samples, options),
    ...precision(samples.rows, rows, options),
  ];
}

function frechet(
  samples: SetSummary,
  reference: ReferenceSide,
  { network, seed }: SetMetricOptions,
): Metric {
  const given = reference.statistics;
  const moments = given === null ? reference.summary.moments : null;
  const statistics = (groups?: Int32Array): FeatureStatistics =>
    given ?? moments!.statistics(groups);
  const value = frechetDistance(samples.moments.statistics(), statistics()).distance;
  const groups = [samples.moments.groups, ...(moments ? [moments.groups] : [])];
  const resampled = bootstrapInterval(
    groups,
    ([own, other]) => frechetDistance(samples.moments.statistics(own), statistics(other)).distance,
    { seed, resamples: resamplesFor(network.width) },
  );
  const { count } = statistics();
  return {
    id: "fd",
    name: metricName("FD", network),
    better: "lower",
    value,
    interval: recentred(value, resampled, `of ${groups.join(" and ")} random groups`),
    count: samples.count,
    ...(count !== null && { referenceCount: count }),
    ...(moments && floorOf(moments, network, seed)),
    ...(given && { note: "reference: the statistics in the file" }),
  };
}

/**
 * Resampling duplicates rows, which raises a distance: the spread is kept and laid about the value.
 */
export function recentred(value: number, resampled: Interval, of: string): MetricInterval {
  const { low, high, mean, confidence, resamples } = resampled;
  return {
    low: value + low - mean,
    high: value + high - mean,
    confidence,
    method: `bootstrap, ${resamples} resamples ${of}, laid about the value`,
  };
}

/** FD of one half of a set against the other, over random halves. */
export function floorOf(
  moments: GroupedMoments,
  { width }: FeatureNetwork,
  seed: number,
): Pick<Metric, "floor"> {
  if (moments.count < 4) return {};
  const halvings = width > 512 ? 1 : 10;
  const half = Math.floor(moments.groups / 2);
  let sum = 0;
  for (let i = 0; i < halvings; i++) {
    const order = random(seed, "halves", i).permutation(moments.groups);
    const [a, b] = [order.subarray(0, half), order.subarray(half, 2 * half)];
    sum += frechetDistance(moments.statistics(a), moments.statistics(b)).distance;
  }
  const rows = Math.floor((moments.count * half) / moments.groups);
  const words = `reference against itself, halves of ${rows}, mean of ${halvings} halvings`;
  return { floor: { value: sum / halvings, words } };
}

/** FD of the first groups of both sides, by the rows they hold: it falls as 1/N to its limit. */
export function frechetByCount(
  samples: SetSummary,
  reference: SetSummary,
  { width }: FeatureNetwork,
): { readonly rows: number; readonly value: number }[] {
  const shares = width > 512 ? [0.5, 1] : [0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
  return shares.map((share) => {
    const first = ({ groups }: GroupedMoments) => range(0, Math.round(share * groups));
    const own = samples.moments.statistics(first(samples.moments));
    const other = reference.moments.statistics(first(reference.moments));
    return { rows: own.count!, value: frechetDistance(own, other).distance };
  });
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
