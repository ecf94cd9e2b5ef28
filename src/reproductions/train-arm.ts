/** One arm of a reproduction on scenes: a tokenizer, a model on it, and what is measured meanwhile. */
import { join } from "node:path";
import { systemTask } from "../recipes/system-task.ts";
import type { Device } from "../runtime/device.ts";
import { hardwareOf } from "../runtime/hardware.ts";
import type { Composition } from "../systems/system.ts";
import type { TokenizerOptions } from "../tokenizers/tokenizer.ts";
import { runTraining } from "../training/loop.ts";
import { defaultPlan, type TrainingPlan } from "../training/plan.ts";
import { RunLog } from "../training/run-log.ts";
import { cosineRate } from "../training/schedules.ts";
import type { TrainingTask } from "../training/task.ts";
import { tokenizerTask } from "../training/tokenizer-task.ts";
import type { Drawn } from "./draw-and-measure.ts";
import type { Arm, SeedContext } from "./reproduction.ts";
import { sceneBatches, shapeLabels } from "./scene-batches.ts";

export interface ArmSizes {
  /** Pixels per side. */
  readonly size: number;
  readonly batchSize: number;
  readonly tokenizerSteps: number;
  readonly modelSteps: number;
  /** How often the model is measured on its way. */
  readonly measurements: number;
}

export interface ArmOptions {
  /** Of the arm's files in the seed's folder. */
  readonly name: string;
  readonly tokenizer: TokenizerOptions;
  /** Of the model; tokenizers learn at 1e-3. */
  readonly learningRate: number;
  compose(classes: number): Composition;
  draw(composition: Composition, parameters: Parameters): Promise<Drawn>;
}

type Parameters = ReadonlyMap<string, Float32Array>;

/** The measures of an arm, as its training logs them. */
const DISTANCE = "distance";
const MILLISECONDS = "milliseconds";

/**
 * Trains tokenizer and model, or goes on where an earlier run stopped.
 *
 * @param share what part of the seed's work an arm's step is, for the progress.
 * @returns the last measurement, and the distance at each of them.
 */
export async function trainArm(
  context: SeedContext,
  sizes: ArmSizes,
  { name, tokenizer, learningRate, compose, draw }: ArmOptions,
  onShare: (share: number, doing: string) => void,
): Promise<Arm> {
  const { device, folder, seed } = context;
  const { batchSize, tokenizerSteps, modelSteps, measurements } = sizes;
  const total = tokenizerSteps + modelSteps;
  let tokenizerParameters: Parameters = new Map();
  await run(context, sizes, {
    folder: join(folder, `${name}-tokenizer`),
    plan: planOf(seed, batchSize, tokenizerSteps, 1e-3, tokenizerSteps),
    task: tokenizerTask({
      tokenizer,
      batchSize,
      seed,
      weights: { l1: 0.2, l2: 1, edges: 0.2 },
      quantizer: { commitment: 0.25 },
      revival: { every: 20, until: 0.8, threshold: 0.02 },
      steps: tokenizerSteps,
      examples: await examplePixels(sizes, seed),
      save: async (_, parameters) => {
        tokenizerParameters = parameters;
      },
    }),
    onStep: (step) => onShare(step / total, `${name}'s tokenizer, step ${step}`),
  });
  const composition = compose(shapeLabels.length);
  const runFolder = join(folder, `${name}-model`);
  const all = (parameters: Parameters) => new Map([...tokenizerParameters, ...parameters]);
  let drawn: Drawn | undefined;
  const task = await modelTask(device, composition, { tokenizerParameters, batchSize, seed });
  await run(context, sizes, {
    folder: runFolder,
    plan: planOf(seed, batchSize, modelSteps, learningRate, Math.ceil(modelSteps / measurements)),
    task: {
      ...task,
      // previews come first, and what they drew is measured with them
      preview: async (_, parameters) => {
        drawn = await draw(composition, all(parameters));
        return { pictures: drawn.pictures, columns: 8 };
      },
      measure: async () => ({
        [DISTANCE]: drawn!.distance,
        [MILLISECONDS]: drawn!.milliseconds,
      }),
    },
    onStep: (step) => onShare((tokenizerSteps + step) / total, `${name}, step ${step}`),
  });
  const log = await RunLog.open(runFolder, modelSteps);
  const measured = (await log.lines()).filter((line) => DISTANCE in line);
  // an arm that was finished before is measured again when the seed goes on
  const lines = [...new Map(measured.map((line) => [line.step, line])).values()];
  const last = lines.at(-1)!;
  return {
    values: { [DISTANCE]: last[DISTANCE]!, [MILLISECONDS]: last[MILLISECONDS]! },
    curve: lines.map((line) => ({ step: line.step, value: line[DISTANCE]! })),
    pictures: drawn!.pictures,
  };
}

function modelTask(
  device: Device,
  composition: Composition,
  options: { tokenizerParameters: Parameters; batchSize: number; seed: number },
): Promise<TrainingTask> {
  return systemTask(device, composition, {
    ...options,
    requestOf: (batch, i) => batch.indices[i]!,
    preview: async () => ({ pictures: [], columns: 1 }),
    save: async () => undefined,
  });
}

interface RunOfTask {
  readonly folder: string;
  readonly plan: TrainingPlan;
  readonly task: TrainingTask;
  readonly onStep: (step: number) => void;
}

async function run(
  { device, seed, signal }: SeedContext,
  { size, batchSize }: ArmSizes,
  { folder, plan, task, onStep }: RunOfTask,
): Promise<void> {
  const { finished } = await runTraining({
    device,
    task,
    plan,
    folder,
    recipe: JSON.stringify({ plan, size, specs: [...task.graph.scope.specs.keys()] }),
    resume: true,
    batches: (firstStep) => sceneBatches({ seed, size, batchSize }, firstStep),
    checkpointSeconds: 120,
    hardware: hardwareOf(device),
    signal,
    onStep: ({ step }) => onStep(step),
  });
  if (!finished) signal.throwIfAborted();
}

function planOf(
  seed: number,
  batchSize: number,
  steps: number,
  learningRate: number,
  previewEvery: number,
): TrainingPlan {
  return {
    ...defaultPlan,
    seed,
    steps,
    batchSize,
    learningRate,
    schedule: cosineRate({ warmup: { share: 0.05 }, warmupStart: 0.01, end: 0.02 }),
    averaging: { decay: 0.99, warmup: true },
    previewEvery,
  };
}

async function examplePixels({ size }: ArmSizes, seed: number): Promise<Float32Array> {
  const { value } = await sceneBatches({ seed, size, batchSize: 16 }, 0).next();
  return value!.pixels;
}
