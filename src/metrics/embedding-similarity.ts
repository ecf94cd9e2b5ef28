/** Scores of paired embeddings: CLIPScore, CLIP-I, CLIP-T, DINO-I, over embeddings of any encoder. */

import { DataError, ShapeError } from "../errors.ts";
import { type Features, requireComparable } from "./features.ts";

export interface ScoreRule {
  /** 2.5 for CLIPScore, 100 in text-to-image tables, 1 for a plain cosine. */
  readonly factor: number;
  /** Whether negative cosines count as 0, as in CLIPScore. */
  readonly clamp: boolean;
}

/** Hessel et al. 2021: 2.5 · max(cos, 0). Texts begin with "A photo depicts". */
export const clipScoreRule: ScoreRule = { factor: 2.5, clamp: true };

/**
 * The score of row i of one set with row i of the other; their mean is the score of the set.
 *
 * @returns [N].
 * @throws ShapeError for sets of different shapes; DataError for a row of zeros, which has no direction.
 */
export function pairedSimilarities(
  first: Features,
  second: Features,
  { factor, clamp }: ScoreRule,
): Float64Array {
  requireComparable("pairedSimilarities", { first, second }, 1);
  if (first.count !== second.count) {
    throw new ShapeError({
      where: "pairedSimilarities",
      expected: `pairs: twice ${first.count} rows`,
      got: `${second.count} in the second set`,
    });
  }
  return Float64Array.from({ length: first.count }, (_, i) => {
    const similarity = cosine(first, second, i);
    return factor * (clamp ? Math.max(similarity, 0) : similarity);
  });
}

function cosine(first: Features, second: Features, row: number): number {
  const start = row * first.width;
  let [product, lengthA, lengthB] = [0, 0, 0];
  for (let i = start; i < start + first.width; i++) {
    const [a, b] = [first.values[i]!, second.values[i]!];
    product += a * b;
    lengthA += a * a;
    lengthB += b * b;
  }
  if (lengthA === 0 || lengthB === 0) {
    throw new DataError({
      where: "pairedSimilarities",
      expected: "embeddings with a direction",
      got: `zeros in row ${row}`,
    });
  }
  return product / Math.sqrt(lengthA * lengthB);
}
