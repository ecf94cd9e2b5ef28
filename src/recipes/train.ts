/** Runs a recipe on a data set: what `ordo train` does. */
import type { Skipped } from "../data/example.ts";
import { startLoader } from "../data/loader.ts";
import { countParameters } from "../nn/layer.ts";
import { hardwareOf } from "../runtime/hardware.ts";
import { type RunResult, runTraining } from "../training/loop.ts";
import type { TrainingTask } from "../training/task.ts";
import { type LossTerms, lossTerms } from "./loss-terms.ts";
import { openDecoded } from "./open-decoded.ts";
import { prepareClassifier } from "./prepare-classifier.ts";
import { prepareSystem, tokenizerFor } from "./prepare-system.ts";
import { prepareTokenizer } from "./prepare-tokenizer.ts";
import { exampleOf } from "./previews.ts";
import type { TrainingRecipe } from "./recipe.ts";
import {
  batchOptions,
  type Run,
  selectionOf,
  type TrainingFacts,
  type TrainOptions,
} from "./run.ts";
import { requireFreeFolder } from "./run-folder.ts";
import { type RunGrounds, runSettings } from "./run-settings.ts";
import type { LoadedTokenizer } from "./tokenizer-folder.ts";

export interface TrainResult extends RunResult {
  readonly pictures: number;
  readonly parameters: number;
  /** What a picture is called, the first thing to ask a system for; "" for other kinds. */
  readonly example: string;
  /** What of the data set could not be used. */
  readonly skipped: readonly Skipped[];
}

/**
 * Trains what the recipe says; the model is written to `folder/model` at the end.
 *
 * @throws ConfigError, DataError, CheckpointError, TrainingError naming what is wrong.
 */
export async function train(recipe: TrainingRecipe, options: TrainOptions): Promise<TrainResult> {
  const plan = { ...recipe.plan, ...options.plan };
  // what is quickly seen to be wrong is said before anything takes time
  await requireFreeFolder(options.folder, options);
  const tokenizer = await tokenizerFor(recipe, options);
  const terms = await lossTerms(recipe, plan);
  const dataset = await openDecoded(options, selectionOf(recipe, options), recipe.data.size);
  try {
    const run = { ...options, plan, dataset, changes: options.plan ?? {} };
    return await runTask(recipe, run, await prepare(recipe, run, { tokenizer, terms }), {
      tokenizer,
      perceptual: terms.perceptual,
    });
  } finally {
    await dataset.close();
  }
}

async function prepare(
  recipe: TrainingRecipe,
  run: Run,
  { tokenizer, terms }: { tokenizer: LoadedTokenizer | null; terms: LossTerms },
): Promise<TrainingTask> {
  switch (recipe.kind) {
    case "tokenizer":
      return prepareTokenizer(recipe, run, terms);
    case "classifier":
      return prepareClassifier(recipe, run);
    case "system":
      return prepareSystem(recipe, run, tokenizer!);
  }
}

async function runTask(
  recipe: TrainingRecipe,
  run: Run,
  task: TrainingTask,
  grounds: RunGrounds,
): Promise<TrainResult> {
  const { plan, dataset, onStart, onStep, onNote, signal } = run;
  const facts = factsOf(run, task);
  onStart?.(facts);
  if (facts.pictures < plan.batchSize) {
    onNote?.(
      `a step takes ${plan.batchSize} pictures and there are ${facts.pictures}: some repeat`,
    );
  }
  const result = await runTraining({
    device: run.device,
    task,
    plan,
    folder: run.folder,
    recipe: runSettings(recipe, run, grounds),
    changes: changesOf(run),
    resume: run.resume,
    checkpointSeconds: run.checkpointSeconds ?? 180,
    hardware: hardwareOf(run.device),
    batches: (firstStep) =>
      startLoader(
        { ...batchOptions(recipe, run), path: run.data, select: selectionOf(recipe, run) },
        { firstStep },
      ),
    ...(signal && { signal }),
    ...(onStep && { onStep }),
  });
  const { pictures, parameters, skipped } = facts;
  const example = recipe.kind === "system" ? exampleOf(recipe, dataset) : "";
  return { ...result, pictures, parameters, skipped, example };
}

function factsOf({ plan, dataset }: Run, { graph }: TrainingTask): TrainingFacts {
  const skipped = dataset.skipped();
  const broken = new Set(skipped.map(({ file }) => file));
  return {
    pictures: dataset.examples.filter(({ file }) => !broken.has(file)).length,
    parameters: countParameters(graph.scope.specs),
    skipped,
    plan,
  };
}

/** What may be changed on purpose when a run goes on: it alters how it learns, not what. */
const CHANGEABLE = ["steps", "learningRate", "previewEvery"] as const;

function changesOf({ changes }: Run): string[] {
  return CHANGEABLE.filter((key) => changes[key] !== undefined).map((key) => `plan.${key}`);
}
