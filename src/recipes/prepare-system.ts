/** From a system's recipe and a trained tokenizer to what the training loop runs. */
import { basename } from "node:path";
import type { Request } from "../conditioning/conditioning.ts";
import { buildVocabulary, type Vocabulary } from "../conditioning/vocabulary.ts";
import { labelNames } from "../data/dataset.ts";
import type { Example } from "../data/example.ts";
import { ConfigError } from "../errors.ts";
import { systemNamed } from "../systems/index.ts";
import { tokenizerOf } from "../tokenizers/tokenizer.ts";
import type { TrainingTask } from "../training/task.ts";
import { measureTokenizer } from "./measure-tokenizer.ts";
import { chosen, drawPreview, exampleOf } from "./previews.ts";
import type { SystemRecipe, TrainingRecipe } from "./recipe.ts";
import { requestWords, textOf, textsOf } from "./request-words.ts";
import { requireRequests } from "./require-requests.ts";
import { type Run, requireSize, type TrainOptions } from "./run.ts";
import { type SystemToSave, saveSystem } from "./save-model.ts";
import { systemTask } from "./system-task.ts";
import { type LoadedTokenizer, readTokenizer } from "./tokenizer-folder.ts";

export async function prepareSystem(
  recipe: SystemRecipe,
  run: Run,
  tokenizer: LoadedTokenizer,
): Promise<TrainingTask> {
  const { examples } = run.dataset;
  requireRequests(recipe, run.dataset, run.onNote);
  const labels = labelNames(run.dataset);
  const vocabulary = vocabularyOf(recipe, examples);
  const config = sizesOf(recipe, tokenizer, labels.length);
  const where = `${recipe.name} on its tokenizer`;
  const system = systemNamed(recipe.system, where);
  const composition = system.compose(system.parse(config, where), vocabulary ? { vocabulary } : {});
  const plainRequest = (example: Example): Request =>
    recipe.conditioning.kind === "words" ? textOf(example) : labels.indexOf(example.label ?? "");
  const shown = chosen(examples);
  const task = await systemTask(run.device, composition, {
    tokenizerParameters: tokenizer.parameters,
    objective: recipe,
    requestOf: (batch, i, variation) => {
      const example = examples[batch.indices[i]!]!;
      return recipe.conditioning.kind === "words"
        ? requestWords(example, recipe.conditioning.words, variation)
        : plainRequest(example);
    },
    batchSize: run.plan.batchSize,
    seed: run.plan.seed,
    preview: (device, parameters) =>
      drawPreview(device, {
        composition,
        parameters: new Map([...tokenizer.parameters, ...parameters]),
        sampling: recipe.sampling,
        requests: shown.map(plainRequest),
      }),
    save: async (folder, parameters, facts) => {
      const { options, parameters: weights } = tokenizer;
      const saved: SystemToSave = {
        recipe,
        config,
        tokenizer,
        example: exampleOf(recipe, run.dataset),
        ...(vocabulary && { vocabulary }),
        ...(recipe.conditioning.kind === "classes" && { classNames: labels }),
      };
      await saveSystem(folder, saved, {
        data: basename(run.data),
        specs: task.graph.scope.specs,
        parameters,
        facts,
        measure: await measureTokenizer(run.device, options, weights, run.dataset),
      });
    },
  });
  return task;
}

/**
 * The tokenizer that a system is trained on; null for recipes of other kinds.
 *
 * @throws ConfigError if there is none, one too many, or one for pictures of another size.
 */
export async function tokenizerFor(
  recipe: TrainingRecipe,
  { tokenizer: given }: Pick<TrainOptions, "tokenizer">,
): Promise<LoadedTokenizer | null> {
  if (recipe.kind !== "system") {
    if (given === undefined) return null;
    throw new ConfigError({
      where: "--tokenizer",
      expected: `nothing, ${recipe.name} is trained without one`,
      got: given,
    });
  }
  if (given === undefined) {
    throw new ConfigError({
      where: "--tokenizer",
      expected: `the tokenizer that ${recipe.name} is trained on`,
      got: "none",
      hint: "Train one first, or name a model that has one: --tokenizer emoji-var.",
    });
  }
  const tokenizer = await readTokenizer(given);
  requireSize(recipe, tokenizerOf(tokenizer.options).size);
  return tokenizer;
}

/** What `config.json` will hold under `parts`. */
function sizesOf(recipe: SystemRecipe, tokenizer: LoadedTokenizer, classes: number): object {
  return {
    ...recipe.sizes,
    conditioning:
      recipe.conditioning.kind === "words"
        ? { kind: "words", maxWords: recipe.conditioning.words.maxWords }
        : { kind: "classes", classes },
    tokenizer: tokenizer.options,
  };
}

function vocabularyOf(
  { conditioning }: SystemRecipe,
  examples: readonly Example[],
): Vocabulary | undefined {
  if (conditioning.kind !== "words") return undefined;
  const { vocabulary: size, pieces } = conditioning.words;
  return buildVocabulary(textsOf(examples, conditioning.words), { size, pieces });
}
