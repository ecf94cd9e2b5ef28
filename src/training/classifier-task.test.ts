import { expect, test } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { wavyBatch } from "../../test/training/wavy-batch.ts";
import { type SmallResnetOptions, smallResnet } from "../features/small-resnet.ts";
import { input } from "../graph/ops/source.ts";
import { initialize, Scope } from "../nn/layer.ts";
import { openDevice } from "../runtime/device.ts";
import { classifierTask } from "./classifier-task.ts";
import { defaultPlan } from "./plan.ts";
import { Trainer } from "./trainer.ts";

const device = await openDevice("cpu", { threads: 1 });
const side = 8;
const pictures = 6;
const seed = 3;
const network: SmallResnetOptions = {
  channels: [4, 8],
  blocks: [0, 1],
  dimensions: 6,
  classes: 3,
  groups: 2,
};
const { pixels } = wavyBatch({ height: side, width: side, batchSize: pictures }, 0);
const labels = Int32Array.of(0, 1, 2, 2, 1, 0);
const batch = { step: 0, pixels, texts: [], labels: [], indices: new Int32Array() };

const taskOf = (smoothing: number) =>
  classifierTask({
    network,
    side,
    pictures,
    smoothing,
    examples: ({ pixels }) => ({ pixels, labels }),
    measure: async () => ({}),
    preview: async () => ({ pictures: [], columns: 1 }),
    save: async () => {},
  });

/** Steps on one batch; what the first and the last report. */
async function trained(smoothing: number, steps: number, learningRate: number) {
  const task = taskOf(smoothing);
  const options = { ...defaultPlan, seed, epsilon: 1e-8, average: false };
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

async function logProbabilities(): Promise<number[][]> {
  const scope = new Scope();
  const { logits } = smallResnet(
    scope,
    input("pixels", "float32", [pictures, 3, side, side]),
    network,
  );
  const constants = initialize(scope.specs, seed);
  const scores = (await evaluate({ logits }, { pixels }, { constants })).logits!;
  return Array.from({ length: pictures }, (_, i) => {
    const row = scores.slice(3 * i, 3 * i + 3);
    const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    return row.map((x) => x - total);
  });
}

test("the loss is the cross-entropy to labels of which a share is spread over all classes", async () => {
  const rows = await logProbabilities();
  for (const smoothing of [0, 0.3]) {
    const target = (label: number, k: number) =>
      (k === label ? 1 - smoothing : 0) + smoothing / network.classes;
    const expected =
      -rows
        .flatMap((row, i) => row.map((p, k) => p * target(labels[i]!, k)))
        .reduce((a, b) => a + b) / pictures;
    expect((await trained(smoothing, 1, 0)).first.loss).toBeCloseTo(expected, 5);
  }
});

test("the accuracy is the share of pictures whose label has the highest score", async () => {
  const guesses = (await logProbabilities()).map((row) => row.indexOf(Math.max(...row)));
  const right = guesses.filter((guess, i) => guess === labels[i]).length;
  expect((await trained(0.1, 1, 0)).first.accuracy).toBeCloseTo(right / pictures, 6);
});

test("it learns a batch by heart", async () => {
  const { first, last } = await trained(0, 120, 1e-2);
  expect(last.accuracy).toBe(1);
  expect(last.loss).toBeLessThan(0.2 * first.loss);
});
