/** FD between two sets with its interval and floor, and sFID where the network has features at places. */
import { type FeatureNetwork, metricName } from "../features/feature-network.ts";
import { bootstrapInterval, type Interval } from "../metrics/bootstrap.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import type { FeatureStatistics } from "../metrics/moments.ts";
import { random } from "../random/random.ts";
import { type GroupedMoments, range } from "./grouped-moments.ts";
import { type Metric, type MetricInterval, unavailable } from "./metric.ts";
import type { SetSummary } from "./set-summary.ts";

export interface FrechetOptions {
  readonly network: FeatureNetwork;
  readonly seed: number;
}

/** What one distance is taken from: the other side by its pictures, or by the statistics in a file. */
export interface FrechetSides {
  readonly samples: GroupedMoments;
  readonly reference: GroupedMoments | FeatureStatistics;
}

/** Where eigenvalues take seconds, what needs many of them is taken less often. */
const WIDE = 512;

/** Resamples of an interval. */
export function resamplesFor(width: number): number {
  return width > WIDE ? 20 : 100;
}

/** FD of all features: FID by Inception's. */
export function frechetMetric(sides: FrechetSides, options: FrechetOptions): Metric {
  return measured("fd", metricName("FD", options.network), sides, options);
}

/** sFID. @param reference null where a file has no statistics of features at places. */
export function spatialMetric(
  samples: GroupedMoments,
  reference: FrechetSides["reference"] | null,
  options: FrechetOptions,
): Metric {
  const name = metricName("sFD", options.network);
  if (reference) return measured("sfd", name, { samples, reference }, options);
  const head = { id: "sfd", name, better: "lower", count: samples.count } as const;
  return unavailable(head, "needs pictures as reference, or mu_s and sigma_s in the file");
}

function measured(
  id: string,
  name: string,
  { samples, reference }: FrechetSides,
  { seed }: FrechetOptions,
): Metric {
  const given = "covariance" in reference ? reference : null;
  const moments = "covariance" in reference ? null : reference;
  const statistics = (groups?: Int32Array): FeatureStatistics =>
    given ?? moments!.statistics(groups);
  const value = frechetDistance(samples.statistics(), statistics()).distance;
  const groups = [samples.groups, ...(moments ? [moments.groups] : [])];
  const resampled = bootstrapInterval(
    groups,
    ([own, other]) => frechetDistance(samples.statistics(own), statistics(other)).distance,
    { seed, resamples: resamplesFor(samples.width) },
  );
  const { count } = statistics();
  return {
    id,
    name,
    better: "lower",
    value,
    interval: recentred(value, resampled, `of ${groups.join(" and ")} random groups`),
    count: samples.count,
    ...(count !== null && { referenceCount: count }),
    ...(moments && floorOf(moments, seed)),
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
export function floorOf(moments: GroupedMoments, seed: number): Pick<Metric, "floor"> {
  if (moments.count < 4) return {};
  const halvings = moments.width > WIDE ? 1 : 10;
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
): { readonly rows: number; readonly value: number }[] {
  const { width } = samples.moments;
  const shares = width > WIDE ? [0.5, 1] : [0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
  return shares.map((share) => {
    const first = ({ groups }: GroupedMoments) => range(0, Math.round(share * groups));
    const own = samples.moments.statistics(first(samples.moments));
    const other = reference.moments.statistics(first(reference.moments));
    return { rows: own.count!, value: frechetDistance(own, other).distance };
  });
}
