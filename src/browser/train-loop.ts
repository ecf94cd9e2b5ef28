/** Training without a disk: steps in, averaged parameters out. */
import type { Batch } from "../data/batches.ts";
import { TrainingError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import { slot } from "../training/adamw.ts";
import type { TrainingPlan } from "../training/plan.ts";
import { averagingDecayAt, learningRateAt, weightDecayAt } from "../training/schedules.ts";
import type { TrainingTask } from "../training/task.ts";
import { Trainer } from "../training/trainer.ts";

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
  const trainer = await Trainer.create(device, task.graph, {
    ...plan,
    epsilon: 1e-8,
    average: true,
  });
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const feeds = [];
      for (let i = 0; i < accumulation; i++) {
        feeds.push(await task.feeds(batchAt(step * accumulation + i)));
      }
      const result = await trainer.step(feeds, {
        learningRate: plan.learningRate * learningRateAt(plan.schedule, step, steps),
        weightDecay: weightDecayAt(plan.weightDecay, step, steps),
        averageKeep: averagingDecayAt(plan.averaging, step),
        updates: step,
      });
      const { loss } = result;
      if (!Number.isFinite(loss)) throw diverged(step, loss);
      await task.afterStep?.(trainer, { step, result });
      onStep?.({ step: step + 1, steps, loss, numbers: task.report(result) });
      await pause();
    }
    return await trainer.read(slot.average);
  } finally {
    await trainer.close();
  }
}

function diverged(step: number, loss: number): TrainingError {
  return new TrainingError({
    where: `step ${step + 1}`,
    expected: "a finite loss",
    got: `loss ${loss}`,
    hint: "Try a lower learning rate.",
  });
}

/** Lets whatever else the thread has to do be done: a run of the engine blocks it. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
