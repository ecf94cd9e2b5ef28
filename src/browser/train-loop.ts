/** Training without a disk: steps in, averaged parameters out. */
import type { Batch } from "../data/batches.ts";
import { TrainingError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import { slot } from "../training/optimizer.ts";
import { optimizerOf, type TrainingPlan } from "../training/plan.ts";
import type { TrainingTask } from "../training/task.ts";
import { taskStep } from "../training/task-step.ts";
import { TaskTrainers } from "../training/task-trainers.ts";
import type { StepResult } from "../training/trainer.ts";

export interface TrainingProgress {
  /** Steps that are done, and how many there will be. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface TrainingWatch {
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: TrainingProgress) => void;
}

/**
 * Trains for as many steps as the plan says. The page gets its turn after each of them.
 *
 * @returns the averaged parameters, by path.
 * @throws TrainingError if the loss is not a number any more; the signal's reason if it aborts.
 */
export async function trainTask(
  device: Device,
  task: TrainingTask,
  plan: TrainingPlan,
  batchAt: (step: number) => Batch,
  { signal, onStep }: TrainingWatch = {},
): Promise<Map<string, Float32Array>> {
  const { steps, accumulation } = plan;
  const trainers = await TaskTrainers.create(device, task, optimizerOf(plan));
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const batches = Array.from({ length: accumulation }, (_, i) =>
        batchAt(step * accumulation + i),
      );
      const made = await taskStep({
        task,
        trainers,
        plan,
        step,
        batches,
        diverged: (result) => diverged(step, result),
      });
      const { result, numbers } = made;
      onStep?.({ step: step + 1, steps, loss: result.loss, numbers });
      await pause();
    }
    return await trainers.own.read(slot.average);
  } finally {
    await trainers.close();
  }
}

function diverged(step: number, { loss, gradientNorm }: StepResult): TrainingError {
  return new TrainingError({
    where: `step ${step + 1}`,
    expected: "a finite loss and gradient norm",
    got: `loss ${loss}, gradient norm ${gradientNorm}`,
    hint: "Try a lower learning rate.",
  });
}

/** Lets whatever else the thread has to do be done: a run of the engine blocks it. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
