/** From pictures in memory to a small model that draws, by recipes as the command line has them. */
import { buildVocabulary } from "../conditioning/vocabulary.ts";
import { withScale } from "../guidance/schedule.ts";
import { toPixels } from "../images/picture.ts";
import type { ScaleTokenizerRecipe } from "../recipes/recipe.ts";
import { systemTask } from "../recipes/system-task.ts";
import type { Device } from "../runtime/device.ts";
import { Model } from "../systems/model.ts";
import { varSystem } from "../systems/var.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import type { TrainingPlan } from "../training/plan.ts";
import type { TrainingTask } from "../training/task.ts";
import { tokenizerTask } from "../training/tokenizer-task.ts";
import { pageTokenizer, pageVar, type WordsVarRecipe } from "./page-recipes.ts";
import { type TrainingWatch, trainTask } from "./train-loop.ts";
import { batchesOf, requirePictures, type TrainingPicture } from "./training-pictures.ts";
import { browserVersion } from "./version.ts";

export interface TrainOptions<Recipe> extends TrainingWatch {
  /** Sizes and losses; one for 16×16 pictures unless given. */
  readonly recipe?: Recipe;
  /** What is to differ from the recipe's plan: `{ steps: 200, batchSize: 4 }`. */
  readonly plan?: Partial<TrainingPlan>;
}

export interface TrainedTokenizer {
  readonly options: ScaleTokenizerOptions;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

/** Pictures that show how far the training is are drawn by whoever wants to see them. */
const unwatched: Pick<TrainingTask, "preview" | "save"> = {
  preview: async () => ({ pictures: [], columns: 1 }),
  save: async () => {},
};

/** @throws ConfigError if the pictures do not have the recipe's size; TrainingError if it diverges. */
export async function trainTokenizer(
  device: Device,
  pictures: readonly TrainingPicture[],
  { recipe = pageTokenizer, plan: changes, ...watch }: TrainOptions<ScaleTokenizerRecipe> = {},
): Promise<TrainedTokenizer> {
  requirePictures(pictures, recipe.data.size);
  const plan = { ...recipe.plan, ...changes };
  const task = tokenizerTask({
    tokenizer: recipe.tokenizer,
    batchSize: plan.batchSize,
    seed: plan.seed,
    weights: recipe.losses,
    quantizer: recipe.losses,
    revival: recipe.revival,
    steps: plan.steps,
    examples: toPixels([pictures[0]!.picture]),
    save: unwatched.save,
  });
  const batches = batchesOf(pictures, { ...plan, augment: recipe.data.augment });
  return {
    options: recipe.tokenizer,
    parameters: await trainTask(device, task, plan, batches, watch),
  };
}

/**
 * Trains a model that draws what the texts of the pictures say.
 *
 * @throws ConfigError if the pictures do not have the recipe's size; TrainingError if it diverges.
 */
export async function trainModel(
  device: Device,
  pictures: readonly TrainingPicture[],
  tokenizer: TrainedTokenizer,
  { recipe = pageVar, plan: changes, ...watch }: TrainOptions<WordsVarRecipe> = {},
): Promise<Model> {
  requirePictures(pictures, recipe.data.size);
  const plan = { ...recipe.plan, ...changes };
  const texts = pictures.map(({ text = "" }) => text);
  const { maxWords, vocabulary: size, pieces } = recipe.conditioning.words;
  const vocabulary = buildVocabulary(texts, { size, pieces });
  const conditioning = { kind: "words", maxWords } as const;
  const config = { ...recipe.sizes, conditioning, tokenizer: tokenizer.options };
  const composition = varSystem.compose(varSystem.parse(config, recipe.name), { vocabulary });
  const task = await systemTask(device, composition, {
    ...unwatched,
    tokenizerParameters: tokenizer.parameters,
    objective: recipe,
    requestOf: (batch, i) => batch.texts[i]!,
    batchSize: plan.batchSize,
    seed: plan.seed,
  });
  const batches = batchesOf(pictures, { ...plan, augment: recipe.data.augment });
  const transformer = await trainTask(device, task, plan, batches, watch);
  const { guidance, decoding } = composition;
  const { sampling } = recipe;
  return new Model(
    device,
    {
      name: recipe.name,
      system: varSystem.name,
      title: varSystem.title,
      parameters: numbersOf(transformer) + numbersOf(tokenizer.parameters),
      weightHash: Promise.resolve("unsaved"),
      weights: "fp32",
      ordoVersion: browserVersion,
    },
    composition,
    { parameters: new Map([...tokenizer.parameters, ...transformer]) },
    {
      guidance: sampling.guidance === undefined ? guidance : withScale(guidance, sampling.guidance),
      topK: sampling.topK ?? decoding.topK,
      topP: sampling.topP ?? decoding.topP,
      temperature: sampling.temperature ?? decoding.temperature,
    },
  );
}

function numbersOf(parameters: ReadonlyMap<string, Float32Array>): number {
  return [...parameters.values()].reduce((sum, { length }) => sum + length, 0);
}
