/** From a tokenizer's recipe to what the training loop runs. */
import { basename } from "node:path";
import { countParameters } from "../nn/layer.ts";
import { tokenizerOf } from "../tokenizers/tokenizer.ts";
import { klTokenizerTask } from "../training/kl-tokenizer-task.ts";
import type { RunFacts, TrainingTask } from "../training/task.ts";
import { tokenizerTask } from "../training/tokenizer-task.ts";
import type { LossTerms } from "./loss-terms.ts";
import { measureTokenizer } from "./measure-tokenizer.ts";
import type { TokenizerRecipe } from "./recipe.ts";
import { examplePixels, type Run, requireSize } from "./run.ts";
import { saveTokenizer } from "./save-model.ts";

export async function prepareTokenizer(
  recipe: TokenizerRecipe,
  run: Run,
  terms: LossTerms = {},
): Promise<TrainingTask> {
  const { tokenizer, losses } = recipe;
  requireSize(recipe, tokenizerOf(tokenizer).size);
  const common = {
    batchSize: run.plan.batchSize,
    seed: run.plan.seed,
    weights: losses,
    ...terms,
    examples: await examplePixels(recipe, run),
    save: async (
      folder: string,
      parameters: ReadonlyMap<string, Float32Array>,
      facts: RunFacts,
    ): Promise<void> =>
      saveTokenizer(folder, scaled(recipe, facts), {
        data: basename(run.data),
        specs: task.graph.scope.specs,
        parameters,
        facts,
        measure: await measureTokenizer(run.device, tokenizer, parameters, run.dataset),
      }),
  };
  const task: TrainingTask =
    tokenizer.kind === "kl"
      ? klTokenizerTask({ ...common, tokenizer, divergence: losses.divergence ?? 1e-6 })
      : tokenizerTask({
          ...common,
          tokenizer,
          steps: run.plan.steps,
          quantizer: losses,
          revival: recipe.revival,
        });
  for (const line of notesOf(terms, task)) run.onNote?.(line);
  return task;
}

/** Which networks have a say beside the tokenizer's own. */
function notesOf({ perceptual, adversary: options }: LossTerms, { adversary }: TrainingTask) {
  const lines: string[] = [];
  if (perceptual) lines.push(`perceptual term: ${perceptual.weight} × ${perceptual.name}`);
  if (adversary && options) {
    const count = countParameters(adversary.graph.scope.specs).toLocaleString("en");
    lines.push(
      `adversarial term: ${options.weight} × that of a discriminator with ${count} parameters, ` +
        `from step ${adversary.start + 1}`,
    );
  }
  return lines;
}

/** The recipe with the factor that makes tokens about 1 wide, where they are vectors. */
function scaled(recipe: TokenizerRecipe, { numbers }: RunFacts): TokenizerRecipe {
  const { tokenizer } = recipe;
  if (tokenizer.kind !== "kl") return recipe;
  return { ...recipe, tokenizer: { ...tokenizer, latentScale: 1 / numbers.deviation! } };
}
