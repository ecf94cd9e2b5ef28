/**
 * Checkpoints of a run: parameters, optimiser state and the task's own state in one safetensors
 * file that is written whole or not at all. Everything else follows from the seed and the step.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../checkpoints/parse-json.ts";
import { openSafetensors, readSafetensors, writeSafetensors } from "../checkpoints/safetensors.ts";
import { float32Tensor, type TensorMap, toFloat32 } from "../checkpoints/tensor-data.ts";
import { CheckpointError } from "../errors.ts";
import { type LossScale, lossScaleSchema } from "./loss-scale.ts";
import { slot } from "./optimizer.ts";
import { inWords, settingsDifference } from "./settings-difference.ts";
import type { TrainingTask } from "./task.ts";
import type { Trainer } from "./trainer.ts";

export interface RunPosition {
  /** Steps that are done. */
  readonly step: number;
  readonly seconds: number;
}

interface StoredPosition extends RunPosition {
  /** Of each trainer; null for those without. */
  readonly lossScales: readonly (LossScale | null)[];
}

const NAME = /^checkpoint-(\d+)\.safetensors$/;
const SLOTS = [(path: string) => path, slot.first, slot.second, slot.average];

/** Writes the run's state as `checkpoint-STEP.safetensors`, and keeps the two newest. */
export async function saveCheckpoint(
  folder: string,
  trainers: readonly Trainer[],
  task: TrainingTask,
  position: RunPosition,
  recipe: string,
): Promise<string> {
  const tensors = new Map<string, ReturnType<typeof float32Tensor>>();
  for (const [trainer, name, shape] of stateOf(trainers)) {
    if (trainer.state.get(name)) {
      tensors.set(name, float32Tensor(shape, await trainer.readOne(name)));
    }
  }
  for (const [name, data] of task.state?.() ?? []) {
    tensors.set(`task:${name}`, float32Tensor([data.length], data));
  }
  const scales = trainers.map(({ lossScale }) => lossScale);
  const file = join(folder, `checkpoint-${position.step}.safetensors`);
  await writeSafetensors(file, tensors, {
    step: String(position.step),
    seconds: String(position.seconds),
    recipe,
    ...(scales.some(Boolean) && { lossScales: JSON.stringify(scales) }),
  });
  for (const old of (await checkpoints(folder)).slice(2)) await rm(join(folder, old));
  return file;
}

/** Everything that trainers carry from step to step, by name. */
function* stateOf(
  trainers: readonly Trainer[],
): Generator<[trainer: Trainer, name: string, shape: readonly number[]]> {
  for (const trainer of trainers) {
    for (const [path, { shape }] of trainer.specs) {
      for (const of of SLOTS) yield [trainer, of(path), shape];
    }
  }
}

/** File names, newest first. */
async function checkpoints(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const stepOf = (name: string) => Number(NAME.exec(name)?.[1] ?? -1);
  return names.filter((name) => NAME.test(name)).sort((a, b) => stepOf(b) - stepOf(a));
}

/** The newest checkpoint of a run, or null. */
export async function newestCheckpoint(folder: string): Promise<string | null> {
  const [newest] = await checkpoints(folder);
  return newest ? join(folder, newest) : null;
}

/**
 * Puts a run's state back.
 *
 * @param changes settings that may differ from the file's, as paths: `plan.learningRate`.
 * @throws CheckpointError naming all other settings that differ, or what the file does not tell.
 */
export async function restoreCheckpoint(
  file: string,
  trainers: readonly Trainer[],
  task: TrainingTask,
  recipe: string,
  changes: readonly string[] = [],
): Promise<RunPosition> {
  const opened = await openSafetensors(file);
  const { metadata } = opened;
  await opened.close();
  const other = settingsDifference(metadata.get("recipe") ?? "", recipe).filter(
    ({ path }) => !changes.includes(path),
  );
  if (other.length > 0) {
    throw new CheckpointError({
      where: file,
      expected: "a checkpoint of this recipe",
      got: `one made with other settings: ${inWords(other)}`,
      hint: "Train into another folder, or use the recipe as it was.",
    });
  }
  const { lossScales, ...position } = positionIn(metadata, file);
  const tensors = await readSafetensors(file);
  for (const [trainer, name, shape] of stateOf(trainers)) {
    const stored = tensors.get(name);
    if (stored) await trainer.write(name, shape, toFloat32(stored));
  }
  trainers.forEach((trainer, i) => {
    trainer.lossScale = lossScales[i] ?? null;
  });
  task.restore?.(taskState(tensors));
  return position;
}

/** @throws CheckpointError naming what is missing or does not fit. */
function positionIn(metadata: ReadonlyMap<string, string>, file: string): StoredPosition {
  const stored = <T>(name: string, schema: z.ZodType<T>, otherwise = "null"): T =>
    parseJson(metadata.get(name) ?? otherwise, schema, { where: `${file}: ${name}` });
  return {
    step: stored("step", z.int().nonnegative()),
    seconds: stored("seconds", z.number().nonnegative()),
    lossScales: stored("lossScales", z.array(lossScaleSchema.nullable()), "[]"),
  };
}

function taskState(tensors: TensorMap): Map<string, Float32Array> {
  const own = [...tensors].filter(([name]) => name.startsWith("task:"));
  return new Map(own.map(([name, tensor]) => [name.slice("task:".length), toFloat32(tensor)]));
}
