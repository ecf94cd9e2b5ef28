/** Samples against a reference: both pass by once, then the numbers follow from what was kept. */
import { DataError } from "../errors.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import { type Features, featuresOf, takeRows } from "../metrics/features.ts";
import { type ExtractOptions, extractFeatures } from "./extract.ts";
import { frechetByCount } from "./frechet-metrics.ts";
import type { Metric } from "./metric.ts";
import { NearestRows, type Neighbour } from "./neighbours.ts";
import { chosenIndices, type PictureSet } from "./picture-set.ts";
import { type Reference, requireSameNetwork } from "./reference.ts";
import { setMetrics } from "./set-metrics.ts";
import { SetSummary } from "./set-summary.ts";

/** Rows that kernels and neighbours are computed on; ADM takes as many of its reference. */
export const MOST_ROWS = 10_000;

export interface MeasureOptions extends ExtractOptions {
  readonly seed: number;
  /** Whether features at places are kept, where the network has them; yes unless said. */
  readonly places?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface MeasureSetsOptions extends MeasureOptions {
  /** Samples that the report shows. */
  readonly shown: number;
  /** Closest reference pictures of each of them. */
  readonly neighbours: number;
}

export interface SetMeasurement {
  readonly metrics: readonly Metric[];
  readonly warnings: readonly string[];
  /** FD at fewer pictures; empty without reference pictures. */
  readonly byCount: readonly { readonly rows: number; readonly value: number }[];
  readonly samples: SetSummary;
  readonly reference: SetSummary | null;
  /** Places of the samples to show, ascending, and what is closest to each in feature space. */
  readonly shown: Int32Array;
  readonly nearest: readonly (readonly Neighbour[])[];
}

/**
 * @throws DataError for fewer than 2 samples, broken pictures, or statistics of another network; the
 * signal's reason if it aborts.
 */
export async function measureSets(
  samples: PictureSet,
  reference: Reference,
  options: MeasureSetsOptions,
): Promise<SetMeasurement> {
  const { network, seed } = options;
  requireSameNetwork(reference, network);
  requireTwo(samples);
  if (reference.pictures) requireTwo(reference.pictures);
  const total = samples.count + (reference.pictures?.count ?? 0);
  const onRows = counting(total, options.onProgress);
  const shown = chosenIndices(samples.count, options.shown, `${seed}-shown`);
  const queries = new RowsAt(shown, network.width);
  const own = await summarize(samples, options, (features) => {
    queries.add(features);
    onRows(features.count);
  });
  const nearest = new NearestRows(queries.rows, options.neighbours);
  const other =
    reference.pictures &&
    (await summarize(reference.pictures, options, (features) => {
      nearest.add(features);
      onRows(features.count);
    }));
  const side =
    reference.statistics === null
      ? { summary: other!, statistics: null }
      : { summary: other, statistics: reference.statistics };
  return {
    metrics: setMetrics(own, side, { network, seed }),
    warnings: [
      ...countWarnings(
        network,
        own.count,
        other?.count ?? reference.statistics?.pooled.count ?? null,
      ),
      ...(reference.pictures ? await sizeWarnings(samples, reference.pictures) : []),
    ],
    byCount: other ? frechetByCount(own, other) : [],
    samples: own,
    reference: other,
    shown,
    nearest: nearest.found,
  };
}

/** One picture has no spread. @throws DataError */
export function requireTwo({ name, count }: PictureSet): void {
  if (count >= 2) return;
  throw new DataError({ where: name, expected: "at least 2 pictures", got: `${count}` });
}

/** One pass over a set. */
export async function summarize(
  set: PictureSet,
  options: MeasureOptions,
  onRows: (features: Features) => void,
): Promise<SetSummary> {
  const { width, classes, spatialWidth } = options.network;
  const { seed, places = true } = options;
  const sizes = { width, classes, spatialWidth: places ? spatialWidth : null };
  const summary = new SetSummary({ ...sizes, count: set.count, seed, mostRows: MOST_ROWS });
  for await (const batch of extractFeatures(set, options)) {
    summary.add(batch);
    onRows(batch.features);
  }
  return summary;
}

/** Adds up what is done. */
export function counting(
  total: number,
  onProgress: MeasureOptions["onProgress"],
): (count: number) => void {
  let done = 0;
  return (count) => {
    done += count;
    onProgress?.(done, total);
  };
}

/** The rows at some places of a set that passes by. */
class RowsAt {
  readonly #wanted: Int32Array;
  readonly #width: number;
  readonly #values: Float32Array;
  #seen = 0;
  #next = 0;

  constructor(wanted: Int32Array, width: number) {
    this.#wanted = wanted;
    this.#width = width;
    this.#values = new Float32Array(wanted.length * width);
  }

  add(features: Features): void {
    for (let row = 0; row < features.count; row++, this.#seen++) {
      if (this.#wanted[this.#next] !== this.#seen) continue;
      this.#values.set(takeRows(features, [row]).values, this.#next * this.#width);
      this.#next++;
    }
  }

  get rows(): Features {
    return featuresOf(this.#values, this.#width);
  }
}

function countWarnings(
  { width }: FeatureNetwork,
  count: number,
  referenceCount: number | null,
): string[] {
  const fewer = Math.min(count, referenceCount ?? count);
  const few = fewer < 10 * width;
  return [
    ...(few
      ? [`${fewer} pictures are few for ${width} features: distances are too large, by about c/N`]
      : []),
    ...(referenceCount !== null && referenceCount !== count
      ? [`${count} samples against ${referenceCount} of the reference: compare equal counts only`]
      : []),
  ];
}

/** A larger picture made smaller is sharper than one that was drawn small. */
async function sizeWarnings(samples: PictureSet, reference: PictureSet): Promise<string[]> {
  const [own, other] = [await firstSize(samples), await firstSize(reference)];
  if (own === other) return [];
  return [`samples are ${own}, the reference is ${other}: the network's resize is measured too`];
}

async function firstSize(set: PictureSet): Promise<string> {
  let size = "";
  for await (const stored of set.pictures([0])) {
    const { width, height } = await stored.decode();
    size = `${width}x${height}`;
  }
  return size;
}
