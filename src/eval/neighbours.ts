/** Nearest neighbours by exhaustive search, in blocks. Axes: Q queries · N rows · D width. */
import { dotProducts, type Rows, rowBlock, squaredLengths } from "../metrics/dot-products.ts";
import type { Features } from "../metrics/features.ts";

export interface Neighbour {
  readonly index: number;
  /** Euclidean. */
  readonly distance: number;
}

const block = 64;

/** For each query the closest rows of a set that comes in pieces, closest first. */
export class NearestRows {
  readonly #queries: readonly { readonly rows: Rows; readonly lengths: Float64Array }[];
  readonly #found: Neighbour[][];
  readonly #most: number;
  readonly #products = new Float64Array(block * block);
  #seen = 0;

  /** @param most neighbours of each query. */
  constructor(queries: Features, most: number) {
    this.#queries = blocksOf(queries);
    this.#found = Array.from({ length: queries.count }, () => []);
    this.#most = most;
  }

  /** The next rows of the set. */
  add(features: Features): void {
    for (const { rows, lengths } of blocksOf(features)) {
      let query = 0;
      for (const own of this.#queries) {
        dotProducts(own.rows, rows, this.#products);
        for (let i = 0; i < own.rows.rows; i++, query++) {
          for (let j = 0; j < rows.rows; j++) {
            const product = this.#products[i * rows.rows + j]!;
            const squared = own.lengths[i]! + lengths[j]! - 2 * product;
            this.#offer(query, this.#seen + j, Math.sqrt(Math.max(0, squared)));
          }
        }
      }
      this.#seen += rows.rows;
    }
  }

  /** [Q][most]; fewer where the set has fewer rows. */
  get found(): readonly (readonly Neighbour[])[] {
    return this.#found;
  }

  #offer(query: number, index: number, distance: number): void {
    const best = this.#found[query]!;
    if (best.length === this.#most && distance >= best.at(-1)!.distance) return;
    const at = best.findIndex((other) => distance < other.distance);
    best.splice(at < 0 ? best.length : at, 0, { index, distance });
    if (best.length > this.#most) best.pop();
  }
}

function blocksOf(features: Features): { rows: Rows; lengths: Float64Array }[] {
  const blocks: { rows: Rows; lengths: Float64Array }[] = [];
  for (let from = 0; from < features.count; from += block) {
    const rows = rowBlock(features, from, Math.min(from + block, features.count));
    blocks.push({ rows, lengths: squaredLengths(rows) });
  }
  return blocks;
}
