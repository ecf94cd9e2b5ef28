/** One step of a task's training, the same wherever its loop runs. */
import type { Batch } from "../data/batches.ts";
import type { TrainingPlan } from "./plan.ts";
import { averagingDecayAt, learningRateAt, weightDecayAt } from "./schedules.ts";
import type { TrainingTask } from "./task.ts";
import type { TaskTrainers } from "./task-trainers.ts";
import type { StepResult } from "./trainer.ts";

export interface TaskStepOptions {
  readonly task: TrainingTask;
  readonly trainers: TaskTrainers;
  readonly plan: TrainingPlan;
  /** From 0. */
  readonly step: number;
  /** As many as the plan accumulates. */
  readonly batches: readonly Batch[];
  /** The error to end with if loss or gradient norm are not numbers any more; nothing has changed then. */
  readonly diverged: (result: StepResult) => Error | Promise<Error>;
}

export interface TaskStepResult {
  readonly result: StepResult;
  readonly learningRate: number;
  /** The loss, and what the task reports. */
  readonly numbers: Readonly<Record<string, number>>;
}

export async function taskStep(options: TaskStepOptions): Promise<TaskStepResult> {
  const { task, trainers, plan, step, batches, diverged } = options;
  const feeds = [];
  for (const batch of batches) feeds.push(await task.feeds(batch));
  const learningRate = plan.learningRate * learningRateAt(plan.schedule, step, plan.steps);
  const result = await trainers.step(feeds, {
    learningRate,
    weightDecay: weightDecayAt(plan.weightDecay, step, plan.steps),
    averageKeep: averagingDecayAt(plan.averaging, step),
    updates: step,
  });
  const { loss, gradientNorm, skipped = false } = result;
  if (!Number.isFinite(loss) || !(skipped || Number.isFinite(gradientNorm))) {
    throw await diverged(result);
  }
  await task.afterStep?.(trainers.own, { step, result });
  return { result, learningRate, numbers: { loss: result.loss, ...task.report(result) } };
}
