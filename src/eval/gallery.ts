/** The pictures that a report shows: samples, reference, and what of it is closest to samples. */
import type { Picture } from "../images/picture.ts";
import { resizePicture } from "../images/resize.ts";
import { type Features, featuresOf } from "../metrics/features.ts";
import { neighbourRadii } from "../metrics/precision-recall.ts";
import type { SetMeasurement } from "./measure-sets.ts";
import { NearestRows, type Neighbour } from "./neighbours.ts";
import { captionOf, chosenIndices, inBatches, type PictureSet } from "./picture-set.ts";

export interface ShownPicture {
  readonly picture: Picture;
  readonly name: string;
  /** Words or class, where they are known. */
  readonly caption: string;
}

export interface CloseTo {
  readonly shown: ShownPicture;
  readonly distance: number;
}

/** A sample with the reference pictures that are closest to it. */
export interface Strip {
  readonly sample: ShownPicture;
  /** By the distance of features. */
  readonly byFeatures: readonly CloseTo[];
  /** By the root of the mean squared difference of bytes; empty for samples of several sizes. */
  readonly byPixels: readonly CloseTo[];
}

export interface Gallery {
  readonly samples: readonly ShownPicture[];
  readonly reference: readonly ShownPicture[];
  readonly strips: readonly Strip[];
}

export interface GalleryOptions {
  readonly seed: number;
  /** Reference pictures to show. */
  readonly shown: number;
  /** Samples that get a strip. */
  readonly strips: number;
  readonly neighbours: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Keeps the decoder's threads busy. */
const DECODED_AT_ONCE = 32;

/** Reads the reference once more, for the distances of pixels. */
export async function collectGallery(
  samples: PictureSet,
  reference: PictureSet | null,
  measured: SetMeasurement,
  options: GalleryOptions,
): Promise<Gallery> {
  const shown = [...(await shownAt(samples, [...measured.shown])).values()];
  if (!reference) return { samples: shown, reference: [], strips: [] };
  const subjects = shown.slice(0, options.strips);
  const byPixels = await nearestInPixels(subjects, reference, options);
  const grid = [...chosenIndices(reference.count, options.shown, `${options.seed}-shown`)];
  const byFeatures = measured.nearest.slice(0, subjects.length);
  const places = [...byPixels, ...byFeatures].flat().map(({ index }) => index);
  const pictures = await shownAt(reference, [...grid, ...places]);
  const close = (found: readonly Neighbour[] = []): CloseTo[] =>
    found.map(({ index, distance }) => ({ shown: pictures.get(index)!, distance }));
  return {
    samples: shown,
    reference: grid.map((index) => pictures.get(index)!),
    strips: subjects.map((sample, i) => ({
      sample,
      byFeatures: close(byFeatures[i]),
      byPixels: close(byPixels[i]),
    })),
  };
}

/** Distances to the closest reference picture, over the kept rows of both sides. */
export interface Closeness {
  /** From samples. */
  readonly samples: Float64Array;
  /** From reference pictures, to another one. */
  readonly reference: Float64Array;
}

export function closenessOf({ samples, reference }: SetMeasurement): Closeness | null {
  if (!reference || reference.rows.count < 2) return null;
  const nearest = new NearestRows(samples.rows, 1);
  nearest.add(reference.rows);
  return {
    samples: Float64Array.from(nearest.found, ([closest]) => closest!.distance),
    reference: neighbourRadii(reference.rows, 1).map(Math.sqrt),
  };
}

async function nearestInPixels(
  subjects: readonly ShownPicture[],
  reference: PictureSet,
  { neighbours, signal, onProgress }: GalleryOptions,
): Promise<readonly (readonly Neighbour[])[]> {
  const [first] = subjects;
  if (!first) return [];
  const { width, height, data } = first.picture;
  const sameSize = ({ picture }: ShownPicture) =>
    picture.width === width && picture.height === height;
  if (!subjects.every(sameSize)) return [];
  const nearest = new NearestRows(pixelRows(subjects.map(({ picture }) => picture)), neighbours);
  let done = 0;
  for await (const batch of inBatches(reference.pictures(), DECODED_AT_ONCE)) {
    signal?.throwIfAborted();
    const decoded = batch.map(async (stored) =>
      resizePicture(await stored.decode(), { width, height }),
    );
    nearest.add(pixelRows(await Promise.all(decoded)));
    done += batch.length;
    onProgress?.(done, reference.count);
  }
  const perByte = Math.sqrt(data.length);
  return nearest.found.map((found) =>
    found.map(({ index, distance }) => ({ index, distance: distance / perByte })),
  );
}

/** Bytes as features, one picture a row; all have one size. */
function pixelRows(pictures: readonly Picture[]): Features {
  const width = pictures[0]!.data.length;
  const values = new Float32Array(pictures.length * width);
  for (const [i, { data }] of pictures.entries()) values.set(data, i * width);
  return featuresOf(values, width);
}

/** The pictures at some places, by place, ascending. */
export async function shownAt(
  set: PictureSet,
  places: readonly number[],
): Promise<Map<number, ShownPicture>> {
  const wanted = Int32Array.from(new Set(places)).sort();
  const found = new Map<number, ShownPicture>();
  if (wanted.length === 0) return found;
  for await (const stored of set.pictures(wanted)) {
    const { index, name } = stored;
    const caption = captionOf(set.examples?.[index]);
    found.set(index, { picture: await stored.decode(), name, caption });
  }
  return found;
}
