/** Pictures to be measured, read one after the other and never all at once. */

import { createHash } from "node:crypto";
import type { DatasetSelection } from "../data/dataset.ts";
import type { Example } from "../data/example.ts";
import { wordsOf } from "../data/listing.ts";
import { DataError } from "../errors.ts";
import type { Picture, PictureSize } from "../images/picture.ts";
import { random } from "../random/random.ts";

/** A picture that has been read but not decoded. */
export interface StoredPicture {
  /** Its place in this set, from 0. */
  readonly index: number;
  /** File inside the set, or place in an array. */
  readonly name: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  /** @throws DataError naming the picture if it is damaged. */
  decode(): Promise<Picture>;
}

export interface PictureSet {
  /** The path as it was given. */
  readonly name: string;
  readonly count: number;
  /** How bytes become pixels, in words; features depend on it. */
  readonly decoding: string;
  /** What is known of each picture, in order; null for arrays. */
  readonly examples: readonly Example[] | null;
  /** Pictures in ascending order: all, or those at `indices`. */
  pictures(indices?: ArrayLike<number>): AsyncGenerator<StoredPicture, void, undefined>;
  close(): Promise<void>;
}

export interface PictureSetOptions {
  /** Decode to this size, the middle cropped; as stored unless given. */
  readonly size?: PictureSize;
  /** Which pictures of a folder or zip. */
  readonly selection?: DatasetSelection;
}

/** `count` pictures of a set, chosen by a seed. @throws DataError if it has fewer */
export function chosenPictures(set: PictureSet, count: number, seed: number): PictureSet {
  if (count === set.count) return set;
  if (count > set.count) {
    throw new DataError({
      where: set.name,
      expected: `${count} pictures`,
      got: `${set.count}`,
      hint: "Leave out -n to take all of them",
    });
  }
  const chosen = chosenIndices(set.count, count, seed);
  return {
    ...set,
    count,
    examples: set.examples && Array.from(chosen, (index) => set.examples![index]!),
    pictures: async function* (indices) {
      const wanted = indices ? Int32Array.from(indices, (at) => chosen[at]!) : chosen;
      let next = 0;
      for await (const picture of set.pictures(wanted)) {
        yield { ...picture, index: indices ? indices[next]! : next };
        next++;
      }
    },
  };
}

/** `count` of `total` places, ascending, chosen by a seed. */
export function chosenIndices(total: number, count: number, seed: number | string): Int32Array {
  return random(seed, "chosen").permutation(total).slice(0, count).sort();
}

/** What a picture shows: its words, or its class as words; "" where nothing is known. */
export function captionOf(example: Example | undefined): string {
  return example?.text ?? wordsOf(example?.label ?? "");
}

/** So many at a time, the last ones fewer. */
export async function* inBatches<T>(
  items: AsyncIterable<T>,
  size: number,
): AsyncGenerator<T[], void, undefined> {
  let pending: T[] = [];
  for await (const item of items) {
    pending.push(item);
    if (pending.length < size) continue;
    yield pending;
    pending = [];
  }
  if (pending.length > 0) yield pending;
}

/** SHA-256 of decoded pixels, with their size. */
export function pixelHash({ width, height, data }: Picture): string {
  return createHash("sha256").update(`${width}x${height}\n`).update(data).digest("hex");
}

/** `resize` in words, for reports and caches. */
export function decodingWords(size: PictureSize | undefined): string {
  if (size === undefined) return "as stored";
  const { width, height } = typeof size === "number" ? { width: size, height: size } : size;
  return `to ${width}x${height}, middle cropped, Lanczos`;
}
