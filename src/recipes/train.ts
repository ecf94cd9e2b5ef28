/** Runs a recipe on a data set: what `ordo train` does. */
import { cpus } from "node:os";
import { cacheDataset } from "../data/cache.ts";
import { type Dataset, openDataset } from "../data/dataset.ts";
import type { Skipped } from "../data/example.ts";
import { startLoader } from "../data/loader.ts";
import { type RunResult, runTraining } from "../training/loop.ts";
import type { TrainingTask } from "../training/task.ts";
import { prepareSystem } from "./prepare-system.ts";
import { prepareTokenizer } from "./prepare-tokenizer.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { batchOptions, type Run, selectionOf, type TrainOptions } from "./run.ts";
import { requireFreeFolder } from "./run-folder.ts";

export interface TrainResult extends RunResult {
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
  await requireFreeFolder(options.folder, options);
  const dataset = await openDecoded(recipe, options);
  try {
    const run = { ...options, plan, dataset, changes: options.plan ?? {} };
    const task =
      recipe.kind === "tokenizer"
        ? await prepareTokenizer(recipe, run)
        : await prepareSystem(recipe, run);
    return await runTask(recipe, run, task);
  } finally {
    await dataset.close();
  }
}

/** Decodes before the loader's thread does, so that broken pictures are known from the start. */
async function openDecoded(recipe: TrainingRecipe, options: TrainOptions): Promise<Dataset> {
  const opened = await openDataset(options.data, selectionOf(recipe, options));
  try {
    return await cacheDataset(opened, {
      size: recipe.data.size,
      ...(options.onDecode && { onProgress: options.onDecode }),
    });
  } catch (error) {
    await opened.close();
    throw error;
  }
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
  const result = await runTraining({
    device: run.device,
    task,
    plan,
    folder: run.folder,
    recipe: JSON.stringify({ ...recipe, plan, card: undefined, overfit: run.overfit }),
    changes: changesOf(run),
    resume: run.resume,
    checkpointSeconds: run.checkpointSeconds ?? 180,
    hardware: `${cpus().length} CPU cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${run.device.name}`,
    batches: (firstStep) =>
      startLoader(
        { ...batchOptions(recipe, run), path: run.data, select: selectionOf(recipe, run) },
        { firstStep },
      ),
    ...(signal && { signal }),
    ...(onStep && { onStep }),
  });
  return { ...result, skipped: dataset.skipped() };
}

/** What may be changed on purpose when a run goes on: it alters how it learns, not what. */
const CHANGEABLE = ["steps", "learningRate", "previewEvery"] as const;

function changesOf({ changes }: Run): string[] {
  return CHANGEABLE.filter((key) => changes[key] !== undefined).map((key) => `plan.${key}`);
}
