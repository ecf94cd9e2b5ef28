/** Scenes of single shapes as an endless, labelled data set that needs no files. */
import type { Batch } from "../data/batches.ts";
import { type Picture, toPixels } from "../images/picture.ts";
import { drawScene, sceneClasses } from "../procedural/scenes.ts";
import { random } from "../random/random.ts";

/** Labels that name one shape and its colour: "red disc". They come first among the scenes. */
export const shapeLabels: readonly string[] = sceneClasses.filter((name) =>
  /^(red|orange|yellow|green|cyan|blue|purple|pink) /.test(name),
);

export interface SceneBatches {
  readonly seed: number;
  /** Pixels per side. */
  readonly size: number;
  readonly batchSize: number;
}

/** Batches from a step on; each depends on seed and step alone, so that runs can be resumed. */
export async function* sceneBatches(
  { seed, size, batchSize }: SceneBatches,
  firstStep: number,
): AsyncGenerator<Batch> {
  for (let step = firstStep; ; step++) {
    const draws = random(seed, "scenes", step);
    const indices = Int32Array.from({ length: batchSize }, () => draws.integer(shapeLabels.length));
    const labels = Array.from(indices, (label) => shapeLabels[label]!);
    const pictures = Array.from(indices, (label) => drawScene(label, size, draws));
    yield { step, pixels: toPixels(pictures), texts: labels, labels, indices };
  }
}

/** Pictures that no training sees, with labels in turn: what samples are compared with. */
export function* heldOutScenes(count: number, size: number): Generator<Picture> {
  const draws = random(0, "held-out scenes");
  for (let i = 0; i < count; i++) yield drawScene(i % shapeLabels.length, size, draws);
}
