/** The trainers of a task: its own, and that of the network against it, which take turns. */
import type { TypedArray } from "../graph/dtype.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceState } from "../runtime/handle.ts";
import type { OptimizerStep } from "./optimizer.ts";
import type { Adversary, TrainingTask } from "./task.ts";
import { type Feeds, type StepResult, Trainer, type TrainerOptions } from "./trainer.ts";

interface Against {
  readonly trainer: Trainer;
  readonly adversary: Adversary;
}

export class TaskTrainers {
  /** What the task trains. */
  readonly own: Trainer;
  readonly #against: Against | null;

  private constructor(own: Trainer, against: Against | null) {
    this.own = own;
    this.#against = against;
  }

  static async create(
    device: Device,
    { graph, adversary }: Pick<TrainingTask, "graph" | "adversary">,
    options: TrainerOptions,
  ): Promise<TaskTrainers> {
    const own = await Trainer.create(device, graph, options);
    if (!adversary) return new TaskTrainers(own, null);
    try {
      // it judges and is thrown away: nobody asks for its average
      const judge = { ...options, average: false };
      const trainer = await Trainer.create(device, adversary.graph, judge);
      return new TaskTrainers(own, { trainer, adversary });
    } catch (error) {
      await own.close();
      throw error;
    }
  }

  /** All trainers; their parameters have different paths. */
  get all(): readonly Trainer[] {
    return this.#against ? [this.own, this.#against.trainer] : [this.own];
  }

  /**
   * One update of everything that is trained in this step, unless a loss is not a number: then nothing
   * is changed. Both sides' gradients are taken at the parameters before it, so that it does not matter
   * which is updated first.
   */
  async step(batches: readonly Feeds[], step: OptimizerStep): Promise<StepResult> {
    if (!this.#against || step.updates < this.#against.adversary.start) {
      return this.own.step(batches, step);
    }
    const { trainer: judge, adversary } = this.#against;
    // resumed or not, the step decides which loss is followed
    await this.own.follow(adversary.judged);
    let loss = 0;
    let judgement = 0;
    let metrics: Readonly<Record<string, TypedArray>> = {};
    for (const [i, feeds] of batches.entries()) {
      // by handle: nothing is copied from one to the other
      const judging = handlesOf(judge.state, judge.specs.keys());
      const made = await this.own.accumulate({ ...feeds, ...judging }, i === 0);
      const shown = handlesOf(this.own.state, Object.keys(adversary.judged.kept ?? {}));
      const judged = await judge.accumulate({ ...feeds, ...shown }, i === 0);
      metrics = { ...judged.metrics, ...made.metrics };
      loss += made.loss / batches.length;
      judgement += judged.loss / batches.length;
    }
    if (!Number.isFinite(loss + judgement)) {
      for (const trainer of this.all) await trainer.forget();
      const bad = Number.isFinite(loss) ? judgement : loss;
      return { loss: bad, gradientNorm: Number.NaN, metrics };
    }
    const [norm, against] = [await this.own.norm(), await judge.norm()];
    const good = Number.isFinite(norm + against);
    const lossScale = this.own.lossScale?.factor;
    const updates = step.updates - adversary.start;
    const goOn = [
      await this.own.conclude(step, norm, good),
      await judge.conclude({ ...step, updates }, against, good),
    ];
    return {
      loss,
      gradientNorm: Number.isFinite(against) ? norm : against,
      ...(lossScale !== undefined && { lossScale }),
      ...(!good && goOn.every(Boolean) && { skipped: true }),
      metrics,
    };
  }

  async close(): Promise<void> {
    for (const trainer of this.all) await trainer.close();
  }
}

function handlesOf(state: DeviceState, names: Iterable<string>): Feeds {
  return Object.fromEntries([...names].map((name) => [name, state.get(name)!]));
}
