/** Features of a set of pictures, one row each: what the distances between sets compare. */

import { DataError, ShapeError } from "../errors.ts";

/** N rows of D numbers, row-major [N, D]. */
export interface Features {
  readonly count: number;
  readonly width: number;
  readonly values: Float32Array | Float64Array;
}

/** Names `values` as rows. @throws ShapeError if they are not whole rows of `width` numbers. */
export function featuresOf(values: Float32Array | Float64Array, width: number): Features {
  const count = values.length / width;
  if (!Number.isInteger(count) || !(width > 0)) {
    throw new ShapeError({
      where: "features",
      expected: `rows of ${width} values`,
      got: `${values.length} values`,
    });
  }
  return { count, width, values };
}

/** The rows at `indices`, in that order; a row may be taken twice. */
export function takeRows(features: Features, indices: ArrayLike<number>): Features {
  const { width, values } = features;
  const taken = new (values instanceof Float32Array ? Float32Array : Float64Array)(
    indices.length * width,
  );
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * width;
    taken.set(values.subarray(from, from + width), i * width);
  }
  return { count: indices.length, width, values: taken };
}

/** The place of the largest value, the first of equal ones. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/**
 * Refuses sets that cannot be compared: other widths, too few rows, values that are not finite.
 *
 * @throws ShapeError for widths; DataError for counts and values.
 */
export function requireComparable(
  where: string,
  sets: Readonly<Record<string, Features>>,
  fewest: number,
): void {
  const named = Object.entries(sets);
  const width = named[0]![1].width;
  for (const [name, features] of named) {
    if (features.width !== width) {
      throw new ShapeError({
        where: `${where}: ${name}`,
        expected: `features of ${width} values as the others`,
        got: `${features.width}`,
        hint: "Both sets need the same extractor and layer",
      });
    }
    if (features.count < fewest) {
      throw new DataError({
        where: `${where}: ${name}`,
        expected: `at least ${fewest} rows`,
        got: `${features.count}`,
      });
    }
    requireFinite(`${where}: ${name}`, features);
  }
}

/** @throws DataError naming the first row with a value that is not finite. */
export function requireFinite(where: string, { values, width }: Features): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      throw new DataError({
        where,
        expected: "finite features",
        got: `${values[i]} in row ${Math.floor(i / width)}`,
        hint: "The extractor overflowed, or its weights are damaged",
      });
    }
  }
}
