/** A run of the training loop on a tokenizer of a few hundred weights, whole or cut short. */
import type { Batch } from "../../src/data/batches.ts";
import { squareScales } from "../../src/orders/scale-schedule.ts";
import type { Device } from "../../src/runtime/device.ts";
import { pictureSize, type ScaleTokenizerOptions } from "../../src/tokenizers/scale-tokenizer.ts";
import type { RunOptions } from "../../src/training/loop.ts";
import { defaultPlan, type TrainingPlan } from "../../src/training/plan.ts";
import { cosineRate } from "../../src/training/schedules.ts";
import type { TrainingTask } from "../../src/training/task.ts";
import { tokenizerTask } from "../../src/training/tokenizer-task.ts";
import { type WavyOptions, wavyBatch } from "./wavy-batch.ts";

export const tinyTokenizer: ScaleTokenizerOptions = {
  channels: 4,
  multipliers: [1],
  encoderBlocks: 1,
  decoderBlocks: 1,
  latentChannels: 3,
  groups: 2,
  patchSize: 4,
  attention: false,
  codebookSize: 16,
  phiSharing: 1,
  scales: squareScales([1, 2]),
};

/** Every setting that changes from step to step does, and codes are revived on the way. */
export const tinyPlan: TrainingPlan = {
  ...defaultPlan,
  steps: 24,
  batchSize: 2,
  accumulation: 2,
  learningRate: 3e-3,
  schedule: cosineRate({ warmup: { steps: 4 }, warmupStart: 0.1 }),
  weightDecay: { from: 0.05, to: 0.2 },
  previewEvery: 100,
};

export const batchShape: WavyOptions = {
  ...pictureSize(tinyTokenizer),
  batchSize: tinyPlan.batchSize,
};

/** Batch n is a function of n, so that it does not matter where a run starts. */
export async function* batchesFrom(first: number): AsyncGenerator<Batch> {
  for (let step = first; ; step++) yield wavyBatch(batchShape, step);
}

export function tinyTask(save: TrainingTask["save"] = async () => {}): TrainingTask {
  return tokenizerTask({
    tokenizer: tinyTokenizer,
    batchSize: tinyPlan.batchSize,
    seed: tinyPlan.seed,
    weights: { l1: 0.2, l2: 1, edges: 0.2 },
    quantizer: { commitment: 0.25 },
    revival: { every: 6, until: 1, threshold: 0.1 },
    steps: tinyPlan.steps,
    examples: wavyBatch(batchShape, 1000).pixels,
    save,
  });
}

export function tinyRun(device: Device, folder: string, changes: Partial<RunOptions>): RunOptions {
  return {
    device,
    task: tinyTask(),
    plan: tinyPlan,
    folder,
    recipe: JSON.stringify({ name: "tiny", plan: tinyPlan }),
    resume: false,
    batches: batchesFrom,
    checkpointSeconds: Number.POSITIVE_INFINITY,
    hardware: "test",
    ...changes,
  };
}
