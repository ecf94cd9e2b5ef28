/** Every system learns: the loss of a batch falls when it is trained on. */
import { expect, test } from "vitest";
import type { Batch } from "../../src/data/batches.ts";
import { type ParameterSpecs, Scope } from "../../src/nn/layer.ts";
import type { Device } from "../../src/runtime/device.ts";
import { modelParameters } from "../../src/systems/model-parameters.ts";
import type { Composition } from "../../src/systems/system.ts";
import { tokenizerOf } from "../../src/tokenizers/tokenizer.ts";
import type { TrainingTask } from "../../src/training/task.ts";
import { type StepResult, Trainer } from "../../src/training/trainer.ts";
import { compose, ofCodes, type TinySystem } from "./tiny-systems.ts";
import { batchOf, tinySystemTask, tinyTokenizerTask } from "./tiny-tasks.ts";

const options = {
  seed: 1,
  accumulation: 1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 1,
  average: true,
};

/** Three steps on one batch. */
async function train(device: Device, task: TrainingTask, batch: Batch): Promise<StepResult[]> {
  const trainer = await Trainer.create(device, task.graph, options);
  const results: StepResult[] = [];
  for (let updates = 0; updates < 3; updates++) {
    const rates = { learningRate: 2e-3, weightDecay: 0.01, averageKeep: 0.5, updates };
    results.push(await trainer.step([await task.feeds(batch)], rates));
  }
  await trainer.close();
  return results;
}

function expectLower(results: readonly StepResult[]): void {
  const [first, second, third] = results.map(({ loss }) => loss);
  expect(second!).toBeLessThan(first!);
  expect(third!).toBeLessThan(second!);
}

const paths = (specs: ParameterSpecs): string[] => [...specs.keys()].sort();

export function trainingSuite(device: Device, system: TinySystem): void {
  test(`${system.name}: two steps lower the loss, the mean over all positions`, async () => {
    const composition = compose(system);
    const { tokenizer, order } = composition;
    const codes = ofCodes(composition);
    const specs = modelParameters(composition);
    const task = await tinySystemTask(device, system);
    const results = await train(device, task, batchOf(tokenizer));
    // the head starts near zero: all codes are about equally probable
    if (codes) expect(results[0]!.loss).toBeCloseTo(Math.log(codes.predictor.logits), 0);
    expectLower(results);
    for (const result of results) {
      // parts of the tokens: those of each step, or all equally many
      const parts = Object.values(task.report(result));
      expect(parts.length).toBeGreaterThan(0);
      const perStep = parts.length === order.steps.length;
      const share = (part: number) =>
        perStep ? order.steps[part]!.count / order.tokenCount : 1 / parts.length;
      const mean = parts.reduce((total, loss, part) => total + share(part) * loss, 0);
      const total = parts.reduce((all, loss) => all + loss, 0);
      // where tokens are vectors, the loss has terms instead
      expect(codes ? mean : total).toBeCloseTo(result.loss, 4);
    }
    // the transformer and nothing else is trained
    expect(paths(task.graph.scope.specs)).toEqual(paths(specs.transformer));
  });
}

/** The same of a tokenizer; systems that share one need it once. */
export function tokenizerSuite(
  device: Device,
  name: string,
  { tokenizer }: Pick<Composition, "tokenizer">,
): void {
  test(`${name}: two steps lower the loss of the tokenizer`, async () => {
    const task = tinyTokenizerTask(tokenizer);
    const results = await train(device, task, batchOf(tokenizer));
    expectLower(results);
    for (const result of results) {
      for (const value of Object.values(task.report(result))) expect(value).not.toBeNaN();
    }
    const scope = new Scope();
    tokenizerOf(tokenizer).bind(scope.child("tokenizer"));
    expect(paths(task.graph.scope.specs)).toEqual(paths(scope.specs));
  });
}
