/** The one training loop: batches in, steps, logs, previews and checkpoints out. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Batch } from "../data/batches.ts";
import { DeviceError, TrainingError } from "../errors.ts";
import { grid } from "../images/grid.ts";
import { writePicture } from "../images/write.ts";
import type { Device } from "../runtime/device.ts";
import { slot } from "./optimizer.ts";
import { optimizerOf, type TrainingPlan } from "./plan.ts";
import { newestCheckpoint, restoreCheckpoint, saveCheckpoint } from "./run-checkpoint.ts";
import { RunLog } from "./run-log.ts";
import type { Preview, TrainingTask } from "./task.ts";
import { taskStep } from "./task-step.ts";
import { TaskTrainers } from "./task-trainers.ts";

export interface RunOptions {
  readonly device: Device;
  readonly task: TrainingTask;
  readonly plan: TrainingPlan;
  /** Where logs, previews, checkpoints and at the end the model are written. */
  readonly folder: string;
  /** The settings as JSON, so that a run is never resumed with others. */
  readonly recipe: string;
  /** Settings that may change when a run is resumed, as paths: `plan.learningRate`. */
  readonly changes?: readonly string[];
  /** Continue from the newest checkpoint of the folder. */
  readonly resume: boolean;
  /** The batches from a step on; they may not depend on anything but the step. */
  readonly batches: (firstStep: number) => AsyncIterable<Batch>;
  readonly checkpointSeconds: number;
  /** What the model card says of the machine. */
  readonly hardware: string;
  /** Stops after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: RunProgress) => void;
}

export interface RunProgress {
  /** Steps that are done, and how many there will be. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly numbers: Readonly<Record<string, number>>;
  /** Of this step, loading included. */
  readonly seconds: number;
  readonly secondsLeft: number;
}

export interface RunResult {
  /** Steps that are done. */
  readonly step: number;
  readonly finished: boolean;
  readonly numbers: Readonly<Record<string, number>>;
}

/**
 * Trains until the plan's last step or until the signal stops it.
 *
 * @throws TrainingError if the loss is not a number any more, DeviceError if the device fails; the
 * newest checkpoint is then good.
 */
export async function runTraining(options: RunOptions): Promise<RunResult> {
  const { device, task, plan, folder, recipe } = options;
  await mkdir(folder, { recursive: true });
  const trainers = await TaskTrainers.create(device, task, optimizerOf(plan));
  try {
    const found = options.resume ? await newestCheckpoint(folder) : null;
    const start = found
      ? await restoreCheckpoint(found, trainers.all, task, recipe, options.changes)
      : { step: 0, seconds: 0 };
    const log = await RunLog.open(folder, start.step);
    const run = new Run(options, trainers, log, start);
    return await run.toEnd();
  } finally {
    await trainers.close();
  }
}

/** Single batches say little: final numbers are means over a tenth of the run, 100 steps at most. */
function averagedSteps({ steps }: TrainingPlan): number {
  return Math.min(100, Math.ceil(steps / 10));
}

interface Look {
  readonly preview: Preview;
  readonly measured: Readonly<Record<string, number>>;
}

class Run {
  readonly #options: RunOptions;
  readonly #trainers: TaskTrainers;
  readonly #log: RunLog;
  #step: number;
  #seconds: number;
  #numbers: Readonly<Record<string, number>> = {};
  #sinceCheckpoint = 0;

  constructor(
    options: RunOptions,
    trainers: TaskTrainers,
    log: RunLog,
    start: { step: number; seconds: number },
  ) {
    this.#options = options;
    this.#trainers = trainers;
    this.#log = log;
    this.#step = start.step;
    this.#seconds = start.seconds;
  }

  async toEnd(): Promise<RunResult> {
    const { plan, signal } = this.#options;
    const goesOn = () => this.#step < plan.steps && !signal?.aborted;
    if (goesOn()) {
      await this.#advanceWhile(goesOn);
      await this.#checkpoint();
    }
    if (this.#step < plan.steps) {
      return { step: this.#step, finished: false, numbers: this.#numbers };
    }
    return { step: this.#step, finished: true, numbers: await this.#finish() };
  }

  async #advanceWhile(goesOn: () => boolean): Promise<void> {
    const { plan, batches } = this.#options;
    const source = batches(this.#step * plan.accumulation)[Symbol.asyncIterator]();
    try {
      while (goesOn()) await this.#advance(source);
    } catch (error) {
      throw error instanceof DeviceError ? await this.#failed(error) : error;
    } finally {
      await source.return?.();
    }
  }

  async #advance(source: AsyncIterator<Batch>): Promise<void> {
    const { plan, task, onStep, checkpointSeconds } = this.#options;
    const began = performance.now();
    const some: Batch[] = [];
    for (let i = 0; i < plan.accumulation; i++) some.push((await source.next()).value as Batch);
    const { result, learningRate, numbers } = await taskStep({
      task,
      trainers: this.#trainers,
      plan,
      step: this.#step,
      batches: some,
      diverged: ({ loss, gradientNorm }) => this.#diverged(loss, gradientNorm),
    });
    this.#step++;
    const seconds = (performance.now() - began) / 1000;
    this.#seconds += seconds;
    this.#sinceCheckpoint += seconds;
    this.#numbers = numbers;
    this.#log.write({
      step: this.#step,
      ...this.#numbers,
      ...(!result.skipped && { gradientNorm: result.gradientNorm }),
      ...(result.lossScale !== undefined && { lossScale: result.lossScale }),
      learningRate,
      seconds,
    });
    onStep?.({
      step: this.#step,
      steps: plan.steps,
      loss: result.loss,
      numbers: this.#numbers,
      seconds,
      secondsLeft: (this.#seconds / this.#step) * (plan.steps - this.#step),
    });
    // the last preview is made when the model is saved
    const due = this.#step % plan.previewEvery === 0 && this.#step < plan.steps;
    if (due) await this.#look(await this.#trainers.own.read(slot.average));
    if (this.#sinceCheckpoint >= checkpointSeconds) await this.#checkpoint();
  }

  /** Previews and measures. */
  async #look(parameters: ReadonlyMap<string, Float32Array>): Promise<Look> {
    const { task, device, folder } = this.#options;
    const preview = await task.preview(device, parameters);
    const { pictures, columns } = preview;
    await writePicture(grid(pictures, { columns }), join(folder, `preview-${this.#step}.png`));
    const measured = (await task.measure?.(device, parameters)) ?? {};
    if (task.measure) this.#log.write({ step: this.#step, ...measured });
    await this.#log.plot();
    return { preview, measured };
  }

  async #checkpoint(): Promise<void> {
    const { folder, task, recipe } = this.#options;
    const position = { step: this.#step, seconds: this.#seconds };
    await saveCheckpoint(folder, this.#trainers.all, task, position, recipe);
    this.#sinceCheckpoint = 0;
  }

  /** Saves the model; returns the numbers that its card tells. */
  async #finish(): Promise<Readonly<Record<string, number>>> {
    const { task, folder, plan, hardware } = this.#options;
    const parameters = await this.#trainers.own.read(slot.average);
    const { preview, measured } = await this.#look(parameters);
    const recent = await this.#log.recent(averagedSteps(plan));
    const numbers = { ...recent.numbers, ...measured };
    await task.save(join(folder, "model"), parameters, {
      steps: plan.steps,
      hours: this.#seconds / 3600,
      hardware,
      numbers,
      averaged: recent.lines,
      preview,
    });
    return numbers;
  }

  /** The device failed: what lay on it is gone, what lies in the folder is not. */
  async #failed(cause: DeviceError): Promise<DeviceError> {
    const good = await newestCheckpoint(this.#options.folder);
    const { hint } = cause.facts;
    const next = good
      ? `The last good checkpoint is ${good}; --resume goes on from it.`
      : "There is no checkpoint yet.";
    return new DeviceError(
      {
        ...cause.facts,
        where: `step ${this.#step + 1}, ${cause.facts.where}`,
        hint: hint ? `${hint} ${next}` : next,
      },
      { cause },
    );
  }

  async #diverged(loss: number, norm: number): Promise<TrainingError> {
    const good = await newestCheckpoint(this.#options.folder);
    return new TrainingError({
      where: `step ${this.#step + 1}`,
      expected: "a finite loss and gradient norm",
      got: `loss ${loss}, gradient norm ${norm}`,
      hint: good
        ? `The last good checkpoint is ${good}; try a lower learning rate with --resume.`
        : "There is no checkpoint yet; try a lower learning rate.",
    });
  }
}
