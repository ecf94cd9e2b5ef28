/** What the training loop asks of whatever it trains; it never asks what that is. */
import type { Batch } from "../data/batches.ts";
import type { Picture } from "../images/picture.ts";
import type { Device } from "../runtime/device.ts";
import type { Feed } from "../runtime/function.ts";
import type { StepResult, Trainer, TrainingGraph } from "./trainer.ts";

export interface StepFacts {
  readonly step: number;
  readonly result: StepResult;
}

/** State of a task beside the optimiser's, kept in checkpoints. */
export type TaskState = ReadonlyMap<string, Float32Array>;

/** A network that is trained against the task's own, in turn with it. */
export interface Adversary {
  /** Its own loss; inputs are the batch's, and what the judged graph keeps. */
  readonly graph: TrainingGraph;
  /** The task's loss with the adversary's judgement in it: the adversary's parameters are inputs. */
  readonly judged: TrainingGraph;
  /** Steps before it sets in. */
  readonly start: number;
}

export interface TrainingTask {
  readonly graph: TrainingGraph;
  readonly adversary?: Adversary;
  /** The graph's inputs for one batch. */
  feeds(batch: Batch): Promise<Readonly<Record<string, Feed>>>;
  /** Numbers to log and show, from the metrics of one step. */
  report(result: StepResult): Readonly<Record<string, number>>;
  /** Changes the task makes between steps, such as reviving dead codes. */
  afterStep?(trainer: Trainer, facts: StepFacts): Promise<void>;
  state?(): TaskState;
  restore?(state: TaskState): void;
  /** Numbers that take averaged parameters and other data than the batches; logged with previews. */
  measure?(
    device: Device,
    parameters: ReadonlyMap<string, Float32Array>,
  ): Promise<Readonly<Record<string, number>>>;
  /** Pictures that show how far the training is, from averaged parameters. */
  preview(device: Device, parameters: ReadonlyMap<string, Float32Array>): Promise<Preview>;
  /** Writes the finished model. */
  save(
    folder: string,
    parameters: ReadonlyMap<string, Float32Array>,
    facts: RunFacts,
  ): Promise<void>;
}

export interface Preview {
  readonly pictures: readonly Picture[];
  readonly columns: number;
}

/** What a model card tells of a run. */
export interface RunFacts {
  readonly steps: number;
  readonly hours: number;
  readonly hardware: string;
  /** What was logged, averaged over the last steps, and what was measured at the end. */
  readonly numbers: Readonly<Record<string, number>>;
  /** How many steps that were. */
  readonly averaged: number;
  /** The last preview. */
  readonly preview: Preview;
}
