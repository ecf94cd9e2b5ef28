/**
 * What is kept of a set while its features pass by: statistics, some of the rows, class posteriors and
 * the hash of all contents. Axes: N pictures · D features · K classes.
 */
import { createHash } from "node:crypto";
import { argmax, type Features, featuresOf, takeRows } from "../metrics/features.ts";
import { ClassPosteriors, type InceptionScore, summary } from "../metrics/inception-score.ts";
import type { ExtractedBatch } from "./extract.ts";
import { GroupedMoments } from "./grouped-moments.ts";
import { chosenIndices } from "./picture-set.ts";

export interface SummaryOptions {
  /** D and K. */
  readonly width: number;
  readonly classes: number;
  /** S; null where the network has no features at places. */
  readonly spatialWidth: number | null;
  /** N. */
  readonly count: number;
  readonly seed: number;
  /** Most rows that are kept, chosen by the seed. */
  readonly mostRows: number;
}

/** Parts that the score of a set is the mean of, as published. */
export const SCORE_PARTS = 10;

export class SetSummary {
  readonly count: number;
  readonly moments: GroupedMoments;
  /** Of the features at places. */
  readonly spatialMoments: GroupedMoments | null;
  /** The class that the network names for each picture, [N]. */
  readonly named: Int32Array;
  /** Places of the kept rows in the set, ascending. */
  readonly kept: Int32Array;
  readonly #rows: Float32Array;
  readonly #posteriors: readonly ClassPosteriors[];
  readonly #hash = createHash("sha256");
  readonly #width: number;
  #seen = 0;
  #next = 0;

  constructor({ width, classes, spatialWidth, count, seed, mostRows }: SummaryOptions) {
    this.count = count;
    this.#width = width;
    const grouped = (size: number) =>
      new GroupedMoments({ width: size, groups: groupsFor(count, size), seed });
    this.moments = grouped(width);
    this.spatialMoments = spatialWidth === null ? null : grouped(spatialWidth);
    this.named = new Int32Array(count);
    this.kept = chosenIndices(count, mostRows, `${seed}-rows`);
    this.#rows = new Float32Array(this.kept.length * width);
    const parts = Math.max(1, Math.min(SCORE_PARTS, count));
    this.#posteriors = Array.from({ length: parts }, () => new ClassPosteriors(classes));
  }

  /** @throws DataError for features that are not finite. */
  add({ pictures, features, logits, spatial }: ExtractedBatch): void {
    this.moments.add(features);
    if (spatial) this.spatialMoments?.add(spatial);
    pictures.forEach(({ hash }, i) => {
      const index = this.#seen++;
      this.#hash.update(hash);
      const part = Math.floor((index * this.#posteriors.length) / this.count);
      const scores = takeRows(logits, [i]);
      this.#posteriors[part]!.add(scores);
      this.named[index] = argmax(scores.values);
      if (this.kept[this.#next] !== index) return;
      this.#rows.set(takeRows(features, [i]).values, this.#next * this.#width);
      this.#next++;
    });
  }

  /** [kept, D]. */
  get rows(): Features {
    return featuresOf(this.#rows, this.#width);
  }

  /** Over parts in the order of the set. */
  score(): InceptionScore {
    return summary(this.#posteriors.map((part) => part.score()));
  }

  /** Names the contents and their order. */
  fingerprint(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Enough groups for an interval; fewer where one takes tens of megabytes. */
function groupsFor(count: number, width: number): number {
  return Math.max(2, Math.min(width > 512 ? 8 : 40, Math.floor(count / 2)));
}
