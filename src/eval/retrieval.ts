/**
 * Whether samples show what was asked for: each one's closest reference picture, by features, has the
 * words that it was drawn from. Retrieval at 1, by pictures instead of texts, so that it needs no
 * network of texts.
 */
import type { FeatureNetwork } from "../features/feature-network.ts";
import type { Metric } from "./metric.ts";
import { NearestRows } from "./neighbours.ts";
import { meanInterval, meanOf } from "./pair-metrics.ts";
import { captionOf, type PictureSet } from "./picture-set.ts";
import type { SetSummary } from "./set-summary.ts";

export interface CaptionedSide {
  readonly set: Pick<PictureSet, "examples">;
  readonly summary: Pick<SetSummary, "rows" | "kept">;
}

export interface RetrievalOptions {
  readonly network: Pick<FeatureNetwork, "name">;
  readonly seed: number;
}

/** The share of samples; its floor is what a reference picture chosen blindly would give. */
export function retrievalMetric(
  samples: CaptionedSide,
  reference: CaptionedSide,
  { network, seed }: RetrievalOptions,
): Metric {
  const asked = captionsOf(samples);
  const there = captionsOf(reference);
  const nearest = new NearestRows(samples.summary.rows, 1);
  nearest.add(reference.summary.rows);
  const hits = nearest.found.map(([closest], i) => Number(there[closest!.index] === asked[i]));
  const times = new Map<string, number>();
  for (const caption of there) times.set(caption, (times.get(caption) ?? 0) + 1);
  const blindly = meanOf(asked.map((caption) => (times.get(caption) ?? 0) / there.length));
  return {
    id: "retrieval",
    name: `retrieval@1[${network.name}]`,
    better: "higher",
    value: meanOf(hits),
    interval: meanInterval(hits, seed),
    count: hits.length,
    referenceCount: there.length,
    floor: { value: blindly, words: "a reference picture chosen blindly" },
    note: "share of samples whose closest reference picture has the words that were asked for",
  };
}

/** Of the kept rows. */
function captionsOf({ set, summary }: CaptionedSide): string[] {
  return Array.from(summary.kept, (index) => captionOf(set.examples?.[index]));
}
