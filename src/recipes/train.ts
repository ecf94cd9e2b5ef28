/** Runs a recipe on a data set: what `ordo train` does. */
import { cpus } from "node:os";
import { basename } from "node:path";
import { buildVocabulary, type Vocabulary } from "../conditioning/vocabulary.ts";
import { type Dataset, labelNames, openDataset } from "../data/dataset.ts";
import type { Example, Skipped } from "../data/example.ts";
import { type Loader, startLoader } from "../data/loader.ts";
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { ConfigError } from "../errors.ts";
import { withScale } from "../guidance/schedule.ts";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { varSystem } from "../systems/var.ts";
import type { VarConfig } from "../systems/var-config.ts";
import { pictureSize } from "../tokenizers/scale-tokenizer.ts";
import { type RunProgress, type RunResult, runTraining } from "../training/loop.ts";
import { nextScaleTask } from "../training/next-scale-task.ts";
import type { TrainingPlan } from "../training/plan.ts";
import type { TrainingTask } from "../training/task.ts";
import { tokenizerTask } from "../training/tokenizer-task.ts";
import type { SystemRecipe, TokenizerRecipe, TrainingRecipe } from "./recipe.ts";
import { requestWords, textsOf } from "./request-words.ts";
import { saveSystem, saveTokenizer } from "./save-model.ts";
import { readTokenizer } from "./tokenizer-folder.ts";

export interface TrainOptions {
  readonly device: Device;
  /** Folder or zip of pictures. */
  readonly data: string;
  readonly folder: string;
  /** For a system: the folder of its tokenizer, or a model that has one. */
  readonly tokenizer?: string;
  readonly resume: boolean;
  /** Changes of the plan, such as fewer steps. */
  readonly plan?: Partial<TrainingPlan>;
  readonly checkpointSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onStart?: (facts: TrainingFacts) => void;
  readonly onStep?: (progress: RunProgress) => void;
}

export interface TrainingFacts {
  readonly pictures: number;
  readonly parameters: number;
  readonly plan: TrainingPlan;
}

export interface TrainResult extends RunResult {
  readonly skipped: readonly Skipped[];
}

/** Pictures in a preview. */
const PREVIEWS = 16;

/**
 * Trains what the recipe says; the model is written to `folder/model` at the end.
 *
 * @throws ConfigError, DataError, CheckpointError, TrainingError naming what is wrong.
 */
export async function train(recipe: TrainingRecipe, options: TrainOptions): Promise<TrainResult> {
  const plan = { ...recipe.plan, ...options.plan };
  const dataset = await openDataset(options.data, { exclude: recipe.data.exclude });
  const run = { ...options, plan, dataset };
  try {
    const task =
      recipe.kind === "tokenizer"
        ? await prepareTokenizer(recipe, run)
        : await prepareSystem(recipe, run);
    return await runTask(recipe, run, task);
  } finally {
    await dataset.close();
  }
}

interface Run extends TrainOptions {
  readonly plan: TrainingPlan;
  readonly dataset: Dataset;
}

async function runTask(recipe: TrainingRecipe, run: Run, task: TrainingTask): Promise<TrainResult> {
  const { plan, dataset, onStart, onStep, signal } = run;
  onStart?.({
    pictures: dataset.size,
    parameters: [...task.graph.scope.specs.values()].reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    ),
    plan,
  });
  let loader: Loader | undefined;
  const result = await runTraining({
    device: run.device,
    task,
    plan,
    folder: run.folder,
    recipe: JSON.stringify({ ...recipe, plan, card: undefined }),
    resume: run.resume,
    checkpointSeconds: run.checkpointSeconds ?? 180,
    hardware: `${cpus().length} CPU cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${run.device.name}`,
    batches: (firstStep) => {
      loader = startLoader(loaderOptions(recipe, run), { firstStep });
      return loader;
    },
    ...(signal && { signal }),
    ...(onStep && { onStep }),
  });
  return { ...result, skipped: loader?.skipped() ?? [] };
}

function loaderOptions({ data }: TrainingRecipe, { plan, data: path }: Run) {
  return {
    path,
    select: { exclude: data.exclude },
    size: data.size,
    augment: data.augment,
    batchSize: plan.batchSize,
    seed: plan.seed,
  };
}

/** Some pictures of the data set, not augmented, always the same. */
async function examplesOf(recipe: TrainingRecipe, run: Run): Promise<Float32Array> {
  const { augment: _, ...plain } = loaderOptions(recipe, run);
  const batchSize = Math.min(PREVIEWS, run.dataset.size);
  const loader = startLoader({ ...plain, batchSize, seed: 99 }, { prefetch: 1 });
  const { pixels } = await loader.next();
  await loader.close();
  return pixels;
}

async function prepareTokenizer(recipe: TokenizerRecipe, run: Run): Promise<TrainingTask> {
  requireSize(recipe, pictureSize(recipe.tokenizer));
  const task = tokenizerTask({
    tokenizer: recipe.tokenizer,
    batchSize: run.plan.batchSize,
    seed: run.plan.seed,
    steps: run.plan.steps,
    weights: recipe.losses,
    commitment: recipe.losses.commitment,
    revival: recipe.revival,
    examples: await examplesOf(recipe, run),
    save: (folder, parameters, facts) =>
      saveTokenizer(folder, recipe, basename(run.data), task.graph.scope.specs, parameters, facts),
  });
  return task;
}

function requireSize(
  { data }: TrainingRecipe,
  { width, height }: { width: number; height: number },
) {
  if (width === data.size && height === data.size) return;
  throw new ConfigError({
    where: "data.size",
    expected: `${width}, the pictures that the tokenizer's scales stand for`,
    got: String(data.size),
  });
}

async function prepareSystem(recipe: SystemRecipe, run: Run): Promise<TrainingTask> {
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
  const { examples } = run.dataset;
  const labels = labelNames(run.dataset);
  const vocabulary = vocabularyOf(recipe, examples);
  const config: VarConfig = {
    ...recipe.sizes,
    conditioning:
      recipe.conditioning.kind === "words"
        ? { kind: "words", maxWords: recipe.conditioning.words.maxWords }
        : { kind: "classes", classes: labels.length },
    tokenizer: tokenizer.options,
  };
  const composition = varSystem.compose(config, vocabulary ? { vocabulary } : {});
  const request = (example: Example) =>
    recipe.conditioning.kind === "words"
      ? (example.text ?? example.label ?? "")
      : labels.indexOf(example.label ?? "");
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
        : request(example);
    },
    batchSize: run.plan.batchSize,
    seed: run.plan.seed,
    preview: async (device, parameters) => {
      const sampler = await NextScaleSampler.create(device, {
        ...composition,
        parameters: new Map([...tokenizer.parameters, ...parameters]),
      });
      const pictures: Picture[] = [];
      for (const example of chosen(examples)) {
        const { guidance, topK, topP, temperature } = {
          ...composition.decoding,
          ...recipe.sampling,
        };
        const steps = sampler.run({
          request: request(example),
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
    },
    save: (folder, parameters, facts) =>
      saveSystem(
        folder,
        {
          recipe,
          config,
          data: basename(run.data),
          tokenizer,
          ...(vocabulary && { vocabulary }),
          ...(recipe.conditioning.kind === "classes" && { classNames: labels }),
        },
        task.graph.scope.specs,
        parameters,
        facts,
      ),
  });
  return task;
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
  const order = random(99, "preview").permutation(examples.length);
  return [...order].slice(0, PREVIEWS).map((i) => examples[i]!);
}
