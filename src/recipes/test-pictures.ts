/** Pictures that a classifier is not trained on. */
import type { DatasetSelection } from "../data/dataset.ts";
import { drawScene, sceneClasses } from "../procedural/scenes.ts";
import { random } from "../random/random.ts";
import type { LabelledPicture } from "./measure-classifier.ts";
import { openDecoded } from "./open-decoded.ts";
import type { PictureClasses } from "./picture-classes.ts";
import type { ClassifierRecipe } from "./recipe.ts";
import { FIXED_SEED, type TrainOptions } from "./run.ts";

/** All whole pictures of known classes that the recipe keeps apart, in mixed order. */
export async function* testPictures(
  { data: { exclude, folder, size, test } }: ClassifierRecipe,
  options: Pick<TrainOptions, "data" | "onDecode" | "signal">,
  { classOf }: PictureClasses,
): AsyncGenerator<LabelledPicture> {
  const select: DatasetSelection =
    "folder" in test
      ? { exclude, folder: test.folder }
      : { exclude, ...(folder && { folder }), holdOut: { ...test, part: "held" } };
  const dataset = await openDecoded(options, select, size);
  try {
    for (const i of random(FIXED_SEED, "test").permutation(dataset.size)) {
      const label = classOf(dataset.examples[i]!);
      const picture = label < 0 ? null : await dataset.load(i);
      if (picture) yield { picture, label };
    }
  } finally {
    await dataset.close();
  }
}

/** Scenes of all classes in turn, which no training sees. */
export function* testScenes(
  size: number,
  count: number,
  firstLabel: number,
): Generator<LabelledPicture> {
  for (let i = 0; i < count; i++) {
    const scene = i % sceneClasses.length;
    const picture = drawScene(scene, size, random(FIXED_SEED, "test-scene", i));
    yield { picture, label: firstLabel + scene };
  }
}
