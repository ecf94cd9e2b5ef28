/**
 * Statistics of a set in groups that are dealt at random: whole, in halves, or resampled, from one pass
 * over the rows. Axes: N rows · D width · G groups.
 */
import { type Features, takeRows } from "../metrics/features.ts";
import { type FeatureStatistics, Moments } from "../metrics/moments.ts";
import { random } from "../random/random.ts";

export interface GroupOptions {
  readonly width: number;
  readonly groups: number;
  readonly seed: number;
}

/** Rows are added in packs of so many: `Moments` works on eight at once. */
const pack = 8;

/** Every G rows that follow each other go to G different groups. Memory: G · D² doubles. */
export class GroupedMoments {
  readonly groups: number;
  readonly width: number;
  readonly #moments: readonly Moments[];
  readonly #waiting: Features[][];
  readonly #options: GroupOptions;
  #rows = 0;
  #order: Int32Array = new Int32Array();

  constructor(options: GroupOptions) {
    this.#options = options;
    this.groups = options.groups;
    this.width = options.width;
    this.#moments = Array.from({ length: options.groups }, () => new Moments(options.width));
    this.#waiting = Array.from({ length: options.groups }, () => []);
  }

  get count(): number {
    return this.#rows;
  }

  /** @throws as `Moments.add` */
  add(features: Features): void {
    for (let row = 0; row < features.count; row++) {
      const turn = this.#rows % this.groups;
      if (turn === 0) {
        const round = this.#rows / this.groups;
        this.#order = random(this.#options.seed, "groups", round).permutation(this.groups);
      }
      const group = this.#order[turn]!;
      this.#waiting[group]!.push(takeRows(features, [row]));
      if (this.#waiting[group]!.length === pack) this.#flush(group);
      this.#rows++;
    }
  }

  /** Statistics of these groups together; a group may be taken twice. @throws as `Moments` */
  statistics(groups: ArrayLike<number> = range(0, this.groups)): FeatureStatistics {
    const all = new Moments(this.#options.width);
    for (let i = 0; i < groups.length; i++) {
      this.#flush(groups[i]!);
      all.merge(this.#moments[groups[i]!]!);
    }
    return all.statistics();
  }

  #flush(group: number): void {
    const rows = this.#waiting[group]!;
    if (rows.length === 0) return;
    const { width } = this.#options;
    const values = new Float64Array(rows.length * width);
    for (const [i, row] of rows.entries()) values.set(row.values, i * width);
    this.#moments[group]!.add({ count: rows.length, width, values });
    this.#waiting[group] = [];
  }
}

/** from, from + 1, … to − 1. */
export function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
