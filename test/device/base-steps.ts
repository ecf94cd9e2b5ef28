/** One training step of every base and of every kind of tokenizer, on whatever device. */
import type { Device } from "../../src/runtime/device.ts";
import type { TokenizerOptions } from "../../src/tokenizers/tokenizer.ts";
import type { TrainingTask } from "../../src/training/task.ts";
import { type StepResult, Trainer, type TrainerOptions } from "../../src/training/trainer.ts";
import {
  compose,
  type TinySystem,
  tinySystems,
  wildParameters,
} from "../conformance/tiny-systems.ts";
import { batchOf, tinySystemTask, tinyTokenizerTask } from "../conformance/tiny-tasks.ts";

export const stepOptions: TrainerOptions = {
  seed: 1,
  beta1: 0.9,
  beta2: 0.95,
  // gradients near 0 differ in their rounding, and a step of Adam tells their sign: a large ε keeps
  // the step a smooth function of the gradient
  epsilon: 1e-3,
  clipNorm: 1,
  average: false,
  accumulation: 1,
};

export const stepRates = { learningRate: 1e-2, weightDecay: 0.05, averageKeep: 0 };

export interface StepCase {
  readonly name: string;
  readonly tokenizer: TokenizerOptions;
  task(device: Device): Promise<TrainingTask>;
}

/** One of each base. */
export const baseSystems: readonly TinySystem[] = ["var", "llamagen", "mar"].map(
  (name) => tinySystems.find((one) => one.name === name)!,
);

export const stepCases: readonly StepCase[] = baseSystems.flatMap((system) => {
  const { tokenizer } = compose(system);
  return [
    { name: system.name, tokenizer, task: (device) => tinySystemTask(device, system) },
    {
      name: `the tokenizer of ${system.name}`,
      tokenizer,
      task: async () => tinyTokenizerTask(tokenizer),
    },
  ] satisfies StepCase[];
});

/** From wild parameters: at their first values heads are zero, and little would be compared. */
export async function takeStep(
  device: Device,
  { task: open, tokenizer }: StepCase,
): Promise<StepResult & { readonly parameters: ReadonlyMap<string, Float32Array> }> {
  const task = await open(device);
  const trainer = await Trainer.create(device, task.graph, stepOptions);
  try {
    await trainer.load(wildParameters(trainer.specs, 1));
    const feeds = await task.feeds(batchOf(tokenizer));
    const result = await trainer.step([feeds], { ...stepRates, updates: 0 });
    return { ...result, parameters: await trainer.read() };
  } finally {
    await trainer.close();
  }
}
