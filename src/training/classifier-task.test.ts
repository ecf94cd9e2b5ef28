import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { wavyBatch } from "../../test/training/wavy-batch.ts";
import { type ClassifierOptions, classify } from "../features/classifier.ts";
import { input } from "../graph/ops/source.ts";
import type { BatchMoments } from "../nn/batch-norm.ts";
import { initialize, Scope } from "../nn/layer.ts";
import { openDevice } from "../runtime/device.ts";
import { classifierTask } from "./classifier-task.ts";
import { defaultPlan } from "./plan.ts";
import { Trainer } from "./trainer.ts";

const device = await openDevice("cpu", { threads: 1 });
const side = 8;
const pictures = 6;
const seed = 3;
const resnet: ClassifierOptions = {
  arch: "small-resnet",
  channels: [4, 8],
  blocks: [0, 1],
  dimensions: 6,
  classes: 3,
  groups: 2,
};
const convnet: ClassifierOptions = {
  arch: "small-convnet",
  filters: 4,
  channels: [6, 8],
  dimensions: 6,
  classes: 3,
};
const { pixels } = wavyBatch({ height: side, width: side, batchSize: pictures }, 0);
const facts = {
  steps: 3,
  hours: 0,
  hardware: "",
  numbers: {},
  averaged: 1,
  preview: { pictures: [], columns: 1 },
};
const labels = Int32Array.of(0, 1, 2, 2, 1, 0);
const batch = { step: 0, pixels, texts: [], labels: [], indices: new Int32Array() };

type Parameters = ReadonlyMap<string, Float32Array>;

const options = { ...defaultPlan, seed, epsilon: 1e-8, average: false };

const taskOf = (
  network: ClassifierOptions,
  smoothing: number,
  save: (parameters: Parameters) => void = () => {},
) =>
  classifierTask({
    network,
    side,
    pictures,
    smoothing,
    seed,
    examples: ({ pixels }) => ({ pixels, labels }),
    measure: async () => ({}),
    preview: async () => ({ pictures: [], columns: 1 }),
    save: async (_, parameters) => save(parameters),
  });

/** Steps on one batch; what the first and the last report. */
async function trained(
  network: ClassifierOptions,
  smoothing: number,
  steps: number,
  learningRate: number,
) {
  const task = taskOf(network, smoothing);
  const trainer = await Trainer.create(device, task.graph, options);
  const reports: { loss: number; accuracy: number }[] = [];
  for (let updates = 0; updates < steps; updates++) {
    const rates = { learningRate, weightDecay: 0, averageKeep: 0, updates };
    const result = await trainer.step([await task.feeds(batch)], rates);
    reports.push({ loss: result.loss, accuracy: task.report(result).accuracy! });
  }
  await trainer.close();
  return { first: reports[0]!, last: reports.at(-1)! };
}

async function logProbabilities(network: ClassifierOptions): Promise<number[][]> {
  const scope = new Scope();
  const fed = input("pixels", "float32", [pictures, 3, side, side]);
  const { logits } = classify(scope, fed, network, new Map());
  const constants = initialize(scope.specs, seed);
  const scores = (await evaluate({ logits }, { pixels }, { constants })).logits!;
  return Array.from({ length: pictures }, (_, i) => {
    const row = scores.slice(3 * i, 3 * i + 3);
    const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    return row.map((x) => x - total);
  });
}

describe.each([resnet, convnet])("training a $arch", (network) => {
  it("takes the cross-entropy to labels of which a share is spread over all classes", async () => {
    const rows = await logProbabilities(network);
    for (const smoothing of [0, 0.3]) {
      const target = (label: number, k: number) =>
        (k === label ? 1 - smoothing : 0) + smoothing / network.classes;
      const expected =
        -rows
          .flatMap((row, i) => row.map((p, k) => p * target(labels[i]!, k)))
          .reduce((a, b) => a + b) / pictures;
      expect((await trained(network, smoothing, 1, 0)).first.loss).toBeCloseTo(expected, 5);
    }
  });

  it("tells the share of pictures whose label has the highest score", async () => {
    const guesses = (await logProbabilities(network)).map((row) => row.indexOf(Math.max(...row)));
    const right = guesses.filter((guess, i) => guess === labels[i]).length;
    expect((await trained(network, 0.1, 1, 0)).first.accuracy).toBeCloseTo(right / pictures, 6);
  });

  it("learns a batch by heart", async () => {
    const { first, last } = await trained(network, 0, 120, 1e-2);
    expect(last.accuracy).toBe(1);
    expect(last.loss).toBeLessThan(0.2 * first.loss);
  });
});

describe("a finished small-convnet", () => {
  it("knows the averages of its batches, after a resumed run too", async () => {
    const saved: Parameters[] = [];
    const task = taskOf(convnet, 0.1, (parameters) => saved.push(parameters));
    const trainer = await Trainer.create(device, task.graph, options);
    for (let step = 0; step < 3; step++) {
      // without learning all steps see the same moments, and their averages are those
      const rates = { learningRate: 0, weightDecay: 0, averageKeep: 0, updates: step };
      const result = await trainer.step([await task.feeds(batch)], rates);
      await task.afterStep!(trainer, { step, result });
    }
    const parameters = await trainer.read();
    await trainer.close();
    const resumed = taskOf(convnet, 0.1, (parameters) => saved.push(parameters));
    resumed.restore!(task.state!());
    for (const one of [task, resumed]) await one.save("", parameters, facts);
    expect(saved[1]).toEqual(saved[0]);

    const fed = input("pixels", "float32", [pictures, 3, side, side]);
    const scores = async (constants: Parameters, batch?: BatchMoments) =>
      (
        await evaluate(
          { logits: classify(new Scope(), fed, convnet, batch).logits },
          { pixels },
          { constants },
        )
      ).logits!;
    const expected = await scores(initialize(task.graph.scope.specs, seed), new Map());
    (await scores(saved[0]!)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
  });
});
