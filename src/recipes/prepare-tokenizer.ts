/** From a tokenizer's recipe to what the training loop runs. */
import { basename } from "node:path";
import { tokenizerOf } from "../tokenizers/tokenizer.ts";
import type { TrainingTask } from "../training/task.ts";
import { tokenizerTask } from "../training/tokenizer-task.ts";
import { measureTokenizer } from "./measure-tokenizer.ts";
import type { TokenizerRecipe } from "./recipe.ts";
import { examplePixels, type Run, requireSize } from "./run.ts";
import { saveTokenizer } from "./save-model.ts";

export async function prepareTokenizer(recipe: TokenizerRecipe, run: Run): Promise<TrainingTask> {
  requireSize(recipe, tokenizerOf(recipe.tokenizer).size);
  const task = tokenizerTask({
    tokenizer: recipe.tokenizer,
    batchSize: run.plan.batchSize,
    seed: run.plan.seed,
    steps: run.plan.steps,
    weights: recipe.losses,
    quantizer: recipe.losses,
    revival: recipe.revival,
    examples: await examplePixels(recipe, run),
    save: async (folder, parameters, facts) =>
      saveTokenizer(folder, recipe, {
        data: basename(run.data),
        specs: task.graph.scope.specs,
        parameters,
        facts,
        measure: await measureTokenizer(run.device, recipe.tokenizer, parameters, run.dataset),
      }),
  });
  return task;
}
