/** From a system's recipe and a trained tokenizer to what the training loop runs. */
import { basename } from "node:path";
import type { Request } from "../conditioning/conditioning.ts";
import { buildVocabulary, type Vocabulary } from "../conditioning/vocabulary.ts";
import { labelNames } from "../data/dataset.ts";
import type { Example } from "../data/example.ts";
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { ConfigError } from "../errors.ts";
import { withScale } from "../guidance/schedule.ts";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import type { Composition } from "../systems/system.ts";
import { varSystem } from "../systems/var.ts";
import type { VarConfig } from "../systems/var-config.ts";
import { pictureSize } from "../tokenizers/scale-tokenizer.ts";
import { nextScaleTask } from "../training/next-scale-task.ts";
import type { Preview, TrainingTask } from "../training/task.ts";
import { measureTokenizer } from "./measure-tokenizer.ts";
import type { SystemRecipe } from "./recipe.ts";
import { requestWords, textOf, textsOf } from "./request-words.ts";
import { requireRequests } from "./require-requests.ts";
import { FIXED_SEED, PREVIEWS, type Run, requireSize } from "./run.ts";
import { type SystemToSave, saveSystem } from "./save-model.ts";
import { type LoadedTokenizer, readTokenizer } from "./tokenizer-folder.ts";

export async function prepareSystem(recipe: SystemRecipe, run: Run): Promise<TrainingTask> {
  const tokenizer = await tokenizerOf(recipe, run);
  const { examples } = run.dataset;
  requireRequests(recipe, run.dataset, run.onNote);
  const labels = labelNames(run.dataset);
  const vocabulary = vocabularyOf(recipe, examples);
  const config = sizesOf(recipe, tokenizer, labels.length);
  const composition = varSystem.compose(config, vocabulary ? { vocabulary } : {});
  const plainRequest = (example: Example): Request =>
    recipe.conditioning.kind === "words" ? textOf(example) : labels.indexOf(example.label ?? "");
  const shown = chosen(examples);
  const task = await nextScaleTask(run.device, {
    ...composition,
    tokenizerParameters: tokenizer.parameters,
    objective: {
      ...composition.objective,
      conditionDrop: recipe.conditionDrop,
      dropPath: recipe.dropPath,
    },
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
        example: exampleOf(shown),
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

async function tokenizerOf(recipe: SystemRecipe, run: Run): Promise<LoadedTokenizer> {
  if (!run.tokenizer) {
    throw new ConfigError({
      where: "--tokenizer",
      expected: `the tokenizer that ${recipe.name} is trained on`,
      got: "none",
      hint: "Train one first, or name a model that has one: --tokenizer emoji-var.",
    });
  }
  const tokenizer = await readTokenizer(run.tokenizer);
  requireSize(recipe, pictureSize(tokenizer.options));
  return tokenizer;
}

function sizesOf(recipe: SystemRecipe, tokenizer: LoadedTokenizer, classes: number): VarConfig {
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

/** Examples whose names the previews draw. */
function chosen(examples: readonly Example[]): Example[] {
  const order = random(FIXED_SEED, "preview").permutation(examples.length);
  return [...order].slice(0, PREVIEWS).map((i) => examples[i]!);
}

/** Words of a picture, to be tried first. */
export function exampleOf(examples: readonly Example[]): string {
  return examples.map(textOf).find((text) => text.trim()) ?? "";
}

interface PreviewFacts {
  readonly composition: Composition;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly sampling: SystemRecipe["sampling"];
  readonly requests: readonly Request[];
}

async function drawPreview(
  device: Device,
  { composition, parameters, sampling, requests }: PreviewFacts,
): Promise<Preview> {
  const sampler = await NextScaleSampler.create(device, { ...composition, parameters });
  const { guidance, topK, topP, temperature } = { ...composition.decoding, ...sampling };
  const pictures: Picture[] = [];
  for (const request of requests) {
    const steps = sampler.run({
      request,
      seed: 0,
      guidance: withScale(composition.guidance, guidance ?? 1.5),
      topK: topK ?? 0,
      topP: topP ?? 1,
      temperature: temperature ?? 1,
    });
    for await (const step of steps) {
      if (step.step === step.steps - 1) pictures.push(await step.picture());
    }
  }
  await sampler.close();
  return { pictures, columns: 8 };
}
