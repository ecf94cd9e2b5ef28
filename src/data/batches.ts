/**
 * Training batches as a pure function of seed and step: a resumed run sees what it would have seen.
 *
 * Axes: B batch · S side in pixels.
 */

import { DataError } from "../errors.ts";
import { type Colour, type Picture, white, writePixels } from "../images/picture.ts";
import { augmentAt, type EpochAugmentOptions } from "./augment.ts";
import { batchIndices, epochOf, requireWhole } from "./batch-indices.ts";
import type { Dataset } from "./dataset.ts";
import { wordsOf } from "./listing.ts";

export interface BatchOptions {
  readonly batchSize: number;
  /** Pixels per side. */
  readonly size: number;
  readonly seed: number;
  readonly fit?: "cover" | "contain" | "fill";
  readonly background?: Colour;
  /** Fills with the background unless it says otherwise. */
  readonly augment?: EpochAugmentOptions;
}

export interface Batch {
  readonly step: number;
  /** float32 [B, 3, S, S] in [-1, 1]. */
  readonly pixels: Float32Array;
  /** The words of each example; where it has none, its label as words. */
  readonly texts: readonly string[];
  /** The label of each example; "" where it has none. */
  readonly labels: readonly string[];
  /** Which examples these are; differs from the schedule where a picture was broken. */
  readonly indices: Int32Array;
}

/**
 * Loads batch `step`. A broken picture is replaced by the next good one after it.
 *
 * @throws DataError if all pictures are broken.
 */
export async function loadBatch(
  dataset: Dataset,
  step: number,
  options: BatchOptions,
): Promise<Batch> {
  const { batchSize, size, seed, fit = "cover", background = white } = options;
  requireWhole({ size }, 1);
  const schedule = { count: dataset.size, batchSize, seed };
  const wanted = batchIndices(schedule, step);
  const load = (index: number) => dataset.load(index, { size, fit, background });
  const found = await Promise.all(Array.from(wanted, (index) => firstGood(dataset, index, load)));
  const perPicture = 3 * size * size;
  const pixels = new Float32Array(batchSize * perPicture);
  found.forEach(({ picture, index }, i) => {
    writePixels(picture.data, pixels, i * perPicture);
    if (!options.augment) return;
    const plain = pixels.subarray(i * perPicture, (i + 1) * perPicture);
    const changes = { fill: background, ...options.augment };
    const at = { seed, step, place: i, epoch: epochOf(schedule, step, i), index };
    plain.set(augmentAt(at, plain, size, changes));
  });
  const examples = found.map(({ index }) => dataset.examples[index]!);
  return {
    step,
    pixels,
    texts: examples.map(({ text, label }) => text ?? wordsOf(label ?? "")),
    labels: examples.map(({ label }) => label ?? ""),
    indices: Int32Array.from(found, ({ index }) => index),
  };
}

async function firstGood(
  dataset: Dataset,
  wanted: number,
  load: (index: number) => Promise<Picture | null>,
): Promise<{ index: number; picture: Picture }> {
  for (let tried = 0; tried < dataset.size; tried++) {
    const index = (wanted + tried) % dataset.size;
    const picture = await load(index);
    if (picture) return { index, picture };
  }
  const first = dataset.skipped().at(-1);
  throw new DataError({
    where: dataset.name,
    expected: "readable pictures",
    got: `all ${dataset.size} broken (${first ? `${first.file}: ${first.reason}` : "unknown"})`,
  });
}
