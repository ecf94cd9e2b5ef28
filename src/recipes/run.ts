/** A run of a recipe: what was asked for, and the data it works on. */
import { type BatchOptions, loadBatch } from "../data/batches.ts";
import type { Dataset, DatasetSelection } from "../data/dataset.ts";
import type { Skipped } from "../data/example.ts";
import { ConfigError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { RunProgress } from "../training/loop.ts";
import type { TrainingPlan } from "../training/plan.ts";
import type { TrainingRecipe } from "./recipe.ts";

export interface TrainOptions {
  readonly device: Device;
  /** Folder or zip of pictures. */
  readonly data: string;
  readonly folder: string;
  /** For a system: the folder of its tokenizer, or a model that has one. */
  readonly tokenizer?: string;
  /** Continue from the newest checkpoint; without one the run starts anew. */
  readonly resume: boolean;
  /** Changes of the plan, such as fewer steps. */
  readonly plan?: Partial<TrainingPlan>;
  /** Train on the first pictures only, to see whether they can be learned by heart. */
  readonly overfit?: number;
  readonly checkpointSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onStart?: (facts: TrainingFacts) => void;
  readonly onStep?: (progress: RunProgress) => void;
  /** Called while pictures are decoded for the first time. */
  readonly onDecode?: (done: number, total: number) => void;
  /** What is worth knowing but wrong in no way, one line at a time. */
  readonly onNote?: (line: string) => void;
}

export interface TrainingFacts {
  /** Those that can be used. */
  readonly pictures: number;
  readonly parameters: number;
  /** What of the data set cannot be used. */
  readonly skipped: readonly Skipped[];
  readonly plan: TrainingPlan;
}

export interface Run extends TrainOptions {
  readonly plan: TrainingPlan;
  /** What of the plan was asked for, instead of what the recipe says. */
  readonly changes: Partial<TrainingPlan>;
  readonly dataset: Dataset;
}

/** Pictures in a preview. */
export const PREVIEWS = 16;
/** Previews and measurements choose pictures with this seed, whatever the run's own is. */
export const FIXED_SEED = 99;

export function selectionOf(
  { data }: TrainingRecipe,
  { overfit }: Pick<TrainOptions, "overfit">,
): DatasetSelection {
  return {
    exclude: data.exclude,
    ...(data.folder && { folder: data.folder }),
    ...("test" in data && "share" in data.test && { holdOut: { ...data.test, part: "rest" } }),
    ...(overfit !== undefined && { first: overfit }),
  };
}

export function batchOptions({ data }: TrainingRecipe, { plan }: Run): BatchOptions {
  return {
    size: data.size,
    augment: data.augment,
    batchSize: plan.batchSize,
    seed: plan.seed,
  };
}

/** Some pictures of the data set, not augmented, always the same; float32 [N, 3, S, S]. */
export async function examplePixels(
  { data }: TrainingRecipe,
  { dataset }: Run,
): Promise<Float32Array> {
  const batchSize = Math.min(PREVIEWS, dataset.size);
  const options = { size: data.size, batchSize, seed: FIXED_SEED };
  return (await loadBatch(dataset, 0, options)).pixels;
}

/** @throws ConfigError unless the recipe's pictures are as large as the tokenizer's. */
export function requireSize(
  { data }: TrainingRecipe,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  if (width === data.size && height === data.size) return;
  throw new ConfigError({
    where: "data.size",
    expected: `${width}, the pictures that the tokenizer's scales stand for`,
    got: String(data.size),
  });
}
