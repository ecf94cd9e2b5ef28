/**
 * Improved precision and recall (Kynkäänniemi et al. 2019): each set is taken as the union of balls
 * around its points that reach to their k-th nearest neighbour.
 */

import { ConfigError } from "../errors.ts";
import { dotProducts, type Rows, rowBlock, squaredLengths } from "./dot-products.ts";
import { type Features, requireComparable } from "./features.ts";

export interface PrecisionRecall {
  /** Share of samples inside at least one ball of the reference. */
  readonly precision: number;
  /** Share of reference points inside at least one ball of the samples. */
  readonly recall: number;
}

/**
 * Both depend strongly on the number of points: compare only equal counts.
 *
 * Distances are computed in blocks and never kept: memory is 2·N·D doubles, cost 2·N²·D
 * multiplications for equal counts.
 *
 * @param neighbours k; the point itself is not counted. 3 as in the published code.
 * @throws ShapeError for features of different widths; DataError for sets of k points or fewer.
 */
export function precisionRecall(
  samples: Features,
  reference: Features,
  { neighbours = 3 }: { readonly neighbours?: number } = {},
): PrecisionRecall {
  if (!Number.isInteger(neighbours) || neighbours < 1) {
    throw new ConfigError({
      where: "precisionRecall: neighbours",
      expected: "a whole number from 1 up",
      got: `${neighbours}`,
    });
  }
  requireComparable("precisionRecall", { samples, reference }, neighbours + 1);
  // sums of squares lose digits far from 0, and distances do not change with the origin
  const centre = meanRow(reference);
  const sampleBlocks = blocksOf(samples, centre);
  const referenceBlocks = blocksOf(reference, centre);
  const sampleRadii = squaredRadii(sampleBlocks, samples.count, neighbours);
  const referenceRadii = squaredRadii(referenceBlocks, reference.count, neighbours);
  const insideReference = new Uint8Array(samples.count);
  const insideSamples = new Uint8Array(reference.count);
  const distances = new Float64Array(block * block);
  for (const left of sampleBlocks) {
    for (const right of referenceBlocks) {
      squaredDistances(left, right, distances);
      const columns = right.rows.rows;
      for (let i = 0, at = 0; i < left.rows.rows; i++) {
        const radius = sampleRadii[left.from + i]!;
        for (let j = 0; j < columns; j++, at++) {
          const distance = distances[at]!;
          if (distance <= referenceRadii[right.from + j]!) insideReference[left.from + i] = 1;
          if (distance <= radius) insideSamples[right.from + j] = 1;
        }
      }
    }
  }
  return { precision: share(insideReference), recall: share(insideSamples) };
}

/** Squared distance from each point of `features` to its k-th nearest other point, [N]. */
export function neighbourRadii(features: Features, neighbours: number): Float64Array {
  requireComparable("neighbourRadii", { features }, neighbours + 1);
  return squaredRadii(blocksOf(features, meanRow(features)), features.count, neighbours);
}

const block = 64;

interface Block {
  readonly from: number;
  readonly rows: Rows;
  readonly lengths: Float64Array;
}

function blocksOf(features: Features, centre: Float64Array): Block[] {
  const result: Block[] = [];
  for (let from = 0; from < features.count; from += block) {
    const rows = rowBlock(features, from, Math.min(from + block, features.count), centre);
    result.push({ from, rows, lengths: squaredLengths(rows) });
  }
  return result;
}

/** |x|² − 2 x·y + |y|²; exactly 0 for equal rows, since all three are added up in one order. */
function squaredDistances(left: Block, right: Block, out: Float64Array): void {
  dotProducts(left.rows, right.rows, out);
  const columns = right.rows.rows;
  for (let i = 0, at = 0; i < left.rows.rows; i++) {
    const length = left.lengths[i]!;
    for (let j = 0; j < columns; j++, at++) {
      out[at] = Math.max(0, length + right.lengths[j]! - 2 * out[at]!);
    }
  }
}

function squaredRadii(blocks: readonly Block[], count: number, neighbours: number): Float64Array {
  // of each point the smallest distances so far, ascending, [N, k]
  const nearest = new Float64Array(count * neighbours).fill(Number.POSITIVE_INFINITY);
  const offer = (point: number, distance: number) => {
    const start = point * neighbours;
    let at = start + neighbours - 1;
    if (distance >= nearest[at]!) return;
    for (; at > start && nearest[at - 1]! > distance; at--) nearest[at] = nearest[at - 1]!;
    nearest[at] = distance;
  };
  const distances = new Float64Array(block * block);
  for (const [index, left] of blocks.entries()) {
    for (const right of blocks.slice(index)) {
      squaredDistances(left, right, distances);
      const columns = right.rows.rows;
      for (let i = 0; i < left.rows.rows; i++) {
        // each pair once: within a block both triangles are there
        for (let j = left === right ? i + 1 : 0; j < columns; j++) {
          const distance = distances[i * columns + j]!;
          offer(left.from + i, distance);
          offer(right.from + j, distance);
        }
      }
    }
  }
  return Float64Array.from({ length: count }, (_, i) => nearest[(i + 1) * neighbours - 1]!);
}

function meanRow({ values, width, count }: Features): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < values.length; i++) mean[i % width]! += values[i]! / count;
  return mean;
}

function share(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
}
