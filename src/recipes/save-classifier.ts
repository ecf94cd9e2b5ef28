/** Writing a trained classifier with its card. */
import { join } from "node:path";
import { modelCard } from "../checkpoints/model-card.ts";
import { MODEL_FORMAT, type TrainingFacts } from "../checkpoints/model-config.ts";
import { writeWhole } from "../checkpoints/whole-file.ts";
import {
  CLASSIFIER_SCHEMA,
  type ClassifierConfig,
  writeClassifier,
} from "../features/classifier-folder.ts";
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import type { RunFacts } from "../training/task.ts";
import { datasetOf, rounded, SAMPLES } from "./cards.ts";
import type { ClassifierRecipe } from "./recipe.ts";
import { trainingFacts, writeSamples } from "./save-model.ts";

export interface TrainedClassifier {
  /** Name of the data, for the card. */
  readonly data: string;
  readonly classes: readonly string[];
  readonly specs: ParameterSpecs;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly facts: RunFacts;
}

export async function saveClassifier(
  folder: string,
  recipe: ClassifierRecipe,
  trained: TrainedClassifier,
): Promise<void> {
  const { facts, parameters } = trained;
  const training = trainingFacts(recipe, trained, facts.numbers);
  const { arch, ...sizes } = recipe.network;
  const { classes: byField } = recipe.data;
  const config = {
    schema: CLASSIFIER_SCHEMA,
    kind: "classifier",
    dataset: recipe.dataset,
    arch,
    sizes: { side: recipe.data.size, ...sizes },
    classes: [...trained.classes],
    ...(byField && { classFields: [byField.field, byField.otherwise] }),
    testAccuracy: facts.numbers.testAccuracy!,
    training,
  } as ClassifierConfig;
  await writeClassifier(folder, config, parameters);
  await writeWhole(join(folder, "README.md"), classifierCard(recipe, trained, training));
  await writeSamples(folder, facts.preview);
}

function classifierCard(
  recipe: ClassifierRecipe,
  trained: TrainedClassifier,
  training: TrainingFacts,
): string {
  const { name, card, data, network } = recipe;
  const { facts, classes, specs } = trained;
  const { testAccuracy, sceneAccuracy } = facts.numbers;
  const model = card ? name : "path/to/this/folder";
  const chance = `${classes.length} classes`;
  return modelCard({
    name,
    summary:
      `${card?.summary ?? `Names the class of pictures; trained by \`ordo train ${name}\`.`} ` +
      `Its ${network.dimensions} features of a picture of ${data.size}×${data.size} pixels are what ` +
      "distances between sets of pictures are taken between. Below are test pictures in frames, " +
      "green where it names their class.",
    config: { format: MODEL_FORMAT, system: network.arch, parts: {}, training },
    license: card?.license ?? "other",
    pipelineTag: "image-classification",
    parameters: countParameters(specs),
    usage: [`npx ordo eval samples pictures --reference others --features ${model}`],
    tags: ["feature-extraction"],
    datasets: [datasetOf(recipe)],
    results: [
      {
        metric: "accuracy",
        value: rounded(testAccuracy!),
        dataset: `test pictures of ${datasetOf(recipe)}, ${chance}`,
      },
      ...(sceneAccuracy === undefined
        ? []
        : [
            {
              metric: "accuracy",
              value: rounded(sceneAccuracy),
              dataset: `procedural scenes, ${chance}`,
            },
          ]),
    ],
    ...(card && { attribution: card.attribution, limits: card.limits }),
    picture: SAMPLES,
  });
}
