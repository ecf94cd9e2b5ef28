/** From a classifier's recipe to what the training loop runs. */
import { basename } from "node:path";
import type { Batch } from "../data/batches.ts";
import type { ClassifierOptions } from "../features/classifier.ts";
import { grid } from "../images/grid.ts";
import { type Colour, type Picture, toPixels } from "../images/picture.ts";
import { drawScene, sceneClasses } from "../procedural/scenes.ts";
import { random } from "../random/random.ts";
import { classifierTask, type LabelledPixels } from "../training/classifier-task.ts";
import type { TrainingTask } from "../training/task.ts";
import {
  accuracyOf,
  type JudgedPicture,
  judge,
  type LabelledPictures,
} from "./measure-classifier.ts";
import { pictureClasses } from "./picture-classes.ts";
import type { ClassifierRecipe } from "./recipe.ts";
import { PREVIEWS, type Run } from "./run.ts";
import { saveClassifier } from "./save-classifier.ts";
import { testPictures, testScenes } from "./test-pictures.ts";

/** Scenes that a classifier is measured on. */
const TEST_SCENES = 1000;

/** Frames of pictures in previews: whether their class is named. */
const RIGHT: Colour = [40, 160, 60];
const WRONG: Colour = [210, 50, 40];

export function prepareClassifier(recipe: ClassifierRecipe, run: Run): TrainingTask {
  const { dataset, plan, device } = run;
  const { size: side } = recipe.data;
  const classes = pictureClasses(dataset, recipe.data.classes);
  const ownClasses = classes.names.length;
  const names = [...classes.names, ...(recipe.scenes ? sceneClasses : [])];
  const network: ClassifierOptions = { ...recipe.network, classes: names.length };
  const scenes = recipe.scenes?.perBatch ?? 0;
  const task = classifierTask({
    network,
    side,
    pictures: plan.batchSize + scenes,
    smoothing: recipe.smoothing,
    seed: plan.seed,
    examples: (batch) => {
      const labels = [...batch.indices].map((i) => classes.classOf(dataset.examples[i]!));
      const drawn = scenesFor(batch, { count: scenes, side, seed: plan.seed, first: ownClasses });
      return joined({ pixels: batch.pixels, labels: Int32Array.from(labels) }, drawn);
    },
    measure: async (_, parameters) => {
      const of = (pictures: LabelledPictures) =>
        accuracyOf(device, { network, side, parameters }, pictures);
      return {
        testAccuracy: await of(testPictures(recipe, run, classes)),
        ...(scenes > 0 && { sceneAccuracy: await of(testScenes(side, TEST_SCENES, ownClasses)) }),
      };
    },
    preview: async (_, parameters) => {
      const first = (pictures: LabelledPictures) =>
        take(judge(device, { network, side, parameters }, pictures), 2 * PREVIEWS);
      const judged = [
        ...(await first(testPictures(recipe, run, classes))),
        ...(scenes > 0 ? await first(testScenes(side, 2 * PREVIEWS, ownClasses)) : []),
      ];
      return { pictures: judged.map(framed), columns: 16 };
    },
    save: (folder, parameters, facts) =>
      saveClassifier(folder, recipe, {
        data: basename(run.data),
        classes: names,
        specs: task.graph.scope.specs,
        parameters,
        facts,
      }),
  });
  return task;
}

interface SceneOptions {
  readonly count: number;
  readonly side: number;
  readonly seed: number;
  /** Label of the first class of scenes. */
  readonly first: number;
}

/** Scenes of random classes, other ones in every step. */
function scenesFor({ step }: Batch, { count, side, seed, first }: SceneOptions): LabelledPixels {
  const draws = random(seed, "scenes", step);
  const scenes = Array.from({ length: count }, () => draws.integer(sceneClasses.length));
  return {
    pixels: count > 0 ? toPixels(scenes.map((scene) => drawScene(scene, side, draws))) : NONE,
    labels: Int32Array.from(scenes, (scene) => first + scene),
  };
}

const NONE = new Float32Array(0);

function joined(a: LabelledPixels, b: LabelledPixels): LabelledPixels {
  const pixels = new Float32Array(a.pixels.length + b.pixels.length);
  pixels.set(a.pixels);
  pixels.set(b.pixels, a.pixels.length);
  return { pixels, labels: Int32Array.of(...a.labels, ...b.labels) };
}

function framed({ picture, right }: JudgedPicture): Picture {
  return grid([picture], { background: right ? RIGHT : WRONG });
}

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
