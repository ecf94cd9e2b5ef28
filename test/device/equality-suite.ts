/**
 * Every base and every kind of tokenizer on two devices: one training step, and a picture from its
 * first token to its last, at the sizes of the conformance suites.
 */
import { describe, expect, it } from "vitest";
import type { Device } from "../../src/runtime/device.ts";
import type { TokenizerOptions } from "../../src/tokenizers/tokenizer.ts";
import type { TrainingTask } from "../../src/training/task.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { drawAll, openSampler } from "../conformance/drawing.ts";
import {
  compose,
  ofCodes,
  type TinySystem,
  tinySystems,
  wildModel,
  wildParameters,
} from "../conformance/tiny-systems.ts";
import { batchOf, tinySystemTask, tinyTokenizerTask } from "../conformance/tiny-tasks.ts";
import { largestError } from "../ops/run-case.ts";

const options = {
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
const rates = { learningRate: 1e-2, weightDecay: 0.05, averageKeep: 0, updates: 0 };

interface StepCase {
  readonly name: string;
  readonly tokenizer: TokenizerOptions;
  task(device: Device): Promise<TrainingTask>;
}

/** One of each base, and one tokenizer of each kind. */
const systems = ["var", "llamagen", "mar"].map(
  (name) => tinySystems.find((one) => one.name === name)!,
);

const steps: readonly StepCase[] = systems.flatMap((system) => {
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

async function step(device: Device, { task: open, tokenizer }: StepCase) {
  const task = await open(device);
  const trainer = await Trainer.create(device, task.graph, options);
  try {
    // at their first values heads are zero, and little would be compared
    await trainer.load(wildParameters(trainer.specs, 1));
    const feeds = await task.feeds(batchOf(tokenizer));
    const { loss, gradientNorm } = await trainer.step([feeds], rates);
    return { loss, gradientNorm, parameters: await trainer.read() };
  } finally {
    await trainer.close();
  }
}

export function equalitySuite(cpu: Device, gpu: Device): void {
  describe("takes the CPU's training step", { timeout: 600_000 }, () => {
    it.each(steps.map((one) => [one.name, one] as const))("of %s", async (_, one) => {
      const wanted = await step(cpu, one);
      const found = await step(gpu, one);
      expect(Number.isFinite(wanted.loss)).toBe(true);
      expect(Math.abs(found.loss / wanted.loss - 1)).toBeLessThan(1e-4);
      expect(Math.abs(found.gradientNorm / wanted.gradientNorm - 1)).toBeLessThan(1e-3);
      for (const [path, values] of wanted.parameters) {
        expect(largestError(found.parameters.get(path)!, values), path).toBeLessThan(1e-4);
      }
    });
  });

  describe("draws the CPU's picture", { timeout: 600_000 }, () => {
    it.each(systems.map((one) => [one.name, one] as const))("of %s", async (_, system) => {
      const wanted = await draw(cpu, system);
      const found = await draw(gpu, system);
      // no ties here: an id differs only where two devices round a draw to different sides
      expect(found.ids).toEqual(wanted.ids);
      if (ofCodes(compose(system))) expect(wanted.ids.length).toBeGreaterThan(0);
      expect(largestError(found.pixels, wanted.pixels)).toBeLessThan(1e-3);
    });
  });
}

async function draw(device: Device, system: TinySystem) {
  const composition = compose(system);
  const sampler = await openSampler(device, composition, wildModel(composition));
  try {
    return await drawAll(sampler, { request: system.requests[0], seed: 7 });
  } finally {
    await sampler.close();
  }
}
