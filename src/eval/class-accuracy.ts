/**
 * How often a classifier names the class of what was asked for (metrics sheet: what a distance over a
 * classifier's features is to be paired with).
 */
import type { Example } from "../data/example.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import { type Metric, unavailable } from "./metric.ts";
import { meanInterval, meanOf } from "./pair-metrics.ts";
import { captionOf, type PictureSet } from "./picture-set.ts";
import type { SetSummary } from "./set-summary.ts";

/** A set whose pictures say what they show. */
export interface NamedSide {
  readonly set: Pick<PictureSet, "examples">;
  /** The class that the network names for each picture, in order. */
  readonly summary: Pick<SetSummary, "named">;
}

export interface ClassAccuracyOptions {
  readonly network: Pick<FeatureNetwork, "name" | "classNames" | "classFields">;
  readonly seed: number;
}

/**
 * The share of samples whose class is named; what was asked for has the class of the reference pictures
 * of the same words. Its floor is the share of reference pictures whose class is named.
 */
export function classAccuracy(
  samples: NamedSide,
  reference: NamedSide,
  { network, seed }: ClassAccuracyOptions,
): Metric {
  const classOf = classReader(network);
  const real = (reference.set.examples ?? []).map(classOf);
  const byCaption = new Map<string, Set<number>>();
  real.forEach((wanted, i) => {
    if (wanted < 0) return;
    const caption = captionOf(reference.set.examples![i]);
    byCaption.set(caption, (byCaption.get(caption) ?? new Set()).add(wanted));
  });
  const hits = [...samples.summary.named].flatMap((guess, i) => {
    const wanted = byCaption.get(captionOf(samples.set.examples?.[i]));
    return wanted ? [Number(wanted.has(guess))] : [];
  });
  const name = `class accuracy[${network.name}]`;
  const head = { id: "accuracy", name, better: "higher", count: hits.length } as const;
  if (hits.length === 0) {
    return unavailable(head, `needs pictures of classes that ${network.name} knows by name`);
  }
  const known = real.flatMap((wanted, i) =>
    wanted < 0 ? [] : [Number(reference.summary.named[i] === wanted)],
  );
  return {
    ...head,
    value: meanOf(hits),
    interval: meanInterval(hits, seed),
    referenceCount: known.length,
    floor: { value: meanOf(known), words: "reference pictures whose class is named" },
    note: "share of samples that the network takes for the class of what was asked for",
  };
}

/** The class of an example by the network's own names; −1 where it has none of them. */
function classReader({
  classNames,
  classFields,
}: ClassAccuracyOptions["network"]): (example: Example) => number {
  const places = new Map((classNames ?? []).map((name, place) => [name, place]));
  return ({ label, fields }) => {
    const values = [...classFields.map((field) => fields[field]), label];
    for (const value of values) {
      const place = typeof value === "string" ? places.get(value) : undefined;
      if (place !== undefined) return place;
    }
    return -1;
  };
}
