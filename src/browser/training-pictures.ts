/** Batches of pictures that are in memory. */
import { augmentAt, type EpochAugmentOptions } from "../data/augment.ts";
import { batchIndices, epochOf } from "../data/batch-indices.ts";
import type { Batch } from "../data/batches.ts";
import { ConfigError } from "../errors.ts";
import { type Picture, requireOneSize, white, writePixels } from "../images/picture.ts";

/** A picture to learn from, and the words it is asked for by. */
export interface TrainingPicture {
  readonly picture: Picture;
  /** Nothing is needed for a tokenizer. */
  readonly text?: string;
}

export interface PictureBatches {
  readonly batchSize: number;
  readonly seed: number;
  readonly augment: EpochAugmentOptions;
}

/** Batch `step` as a function of the step: every epoch visits each picture once. */
export function batchesOf(
  pictures: readonly TrainingPicture[],
  { batchSize, seed, augment: changes }: PictureBatches,
): (step: number) => Batch {
  const { width: size } = requireOneSize(
    "pictures",
    pictures.map(({ picture }) => picture),
  );
  const perPicture = 3 * size * size;
  const schedule = { count: pictures.length, batchSize, seed };
  return (step) => {
    const indices = batchIndices(schedule, step);
    const pixels = new Float32Array(batchSize * perPicture);
    indices.forEach((index, i) => {
      writePixels(pictures[index]!.picture.data, pixels, i * perPicture);
      const plain = pixels.subarray(i * perPicture, (i + 1) * perPicture);
      const at = { seed, step, place: i, epoch: epochOf(schedule, step, i), index };
      plain.set(augmentAt(at, plain, size, { fill: white, ...changes }));
    });
    const texts = Array.from(indices, (index) => pictures[index]!.text ?? "");
    return { step, pixels, texts, labels: texts.map(() => ""), indices };
  };
}

/** @throws ConfigError unless all pictures have the size that is asked for. */
export function requirePictures(pictures: readonly TrainingPicture[], size: number): void {
  const odd = pictures.find(({ picture: { width, height } }) => width !== size || height !== size);
  if (pictures.length > 0 && !odd) return;
  throw new ConfigError({
    where: "pictures",
    expected: `pictures of ${size}x${size}`,
    got: odd ? `one of ${odd.picture.width}x${odd.picture.height}` : "none",
  });
}
