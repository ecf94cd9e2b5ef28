import { expect, test } from "vitest";
import { tinyClassifier } from "../../test/models/tiny-classifier.ts";
import { evaluate } from "../../test/ops/evaluate.ts";
import { batchShape, tinyPlan, tinyTokenizer } from "../../test/training/tiny-run.ts";
import { wavyBatch } from "../../test/training/wavy-batch.ts";
import { classifierDistance } from "../features/classifier-distance.ts";
import { grad } from "../graph/autodiff.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { mean } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { openDevice } from "../runtime/device.ts";
import { type PerceptualTerm, pictureLosses } from "./picture-losses.ts";
import { tokenizerTask } from "./tokenizer-task.ts";
import { Trainer } from "./trainer.ts";

const device = await openDevice("cpu", { threads: 1 });
const perceptual: PerceptualTerm = {
  ...classifierDistance({ ...tinyClassifier(), hash: "0123456789abcdef" }),
  weight: 2,
};
const { height, width, batchSize } = batchShape;
const dims = [batchSize, 3, height, width];
const weights = { l1: 0, l2: 1, edges: 0 };

test("the perceptual term is the mean of the network's distances, by its name in the log", async () => {
  const [a, b] = [input("a", "float32", dims), input("b", "float32", dims)];
  const losses = pictureLosses(a, b, { weights, perceptual });
  const plain = mean(perceptual.distance(new Scope().child("perceptual"), a, b));
  const feeds = { a: wavyBatch(batchShape, 1).pixels, b: wavyBatch(batchShape, 2).pixels };
  const found = await evaluate({ loss: losses.loss, plain, ...losses.metrics }, feeds, {
    constants: losses.frozen,
  });
  expect(found.perceptual![0]).toBeCloseTo(found.plain![0]!, 6);
  expect(found.loss![0]).toBeCloseTo(found.l2![0]! + 2 * found.plain![0]!, 5);
  const name = "PercDist[noise-small-resnet-D6-01234567]";
  const metrics = { l2: Float32Array.of(1), perceptual: Float32Array.of(0.5) };
  expect(losses.report(metrics)).toEqual({ psnr: 10 * Math.log10(4), [name]: 0.5 });
});

test("where the network is silent, the gradient stays finite", async () => {
  const silent = new Map(
    [...perceptual.constants].map(([path, data]) => [path, data.map(() => 0)]),
  );
  const [a, b] = [input("a", "float32", dims), input("b", "float32", dims)];
  const losses = pictureLosses(a, b, { weights, perceptual: { ...perceptual, constants: silent } });
  const [g] = grad(multiply(losses.loss, 1), [a]);
  const feeds = { a: wavyBatch(batchShape, 1).pixels, b: wavyBatch(batchShape, 2).pixels };
  const found = await evaluate({ g: g! }, feeds, { constants: losses.frozen });
  expect(found.g!.every(Number.isFinite)).toBe(true);
  expect(found.g!.some((value) => value !== 0)).toBe(true);
});

test("two steps lower the loss with the term in it; the network is neither trained nor counted", async () => {
  const options = {
    tokenizer: tinyTokenizer,
    batchSize,
    seed: 1,
    weights,
    quantizer: { commitment: 0.25 },
    revival: { every: 100, until: 1, threshold: 0.1 },
    steps: 3,
    examples: wavyBatch(batchShape, 1000).pixels,
    save: async () => {},
  };
  const [task, plain] = [tokenizerTask({ ...options, perceptual }), tokenizerTask(options)];
  expect([...task.graph.scope.specs.keys()]).toEqual([...plain.graph.scope.specs.keys()]);
  const trainer = await Trainer.create(device, task.graph, {
    ...tinyPlan,
    accumulation: 1,
    epsilon: 1e-8,
    average: true,
  });
  const losses: number[] = [];
  const { pixels } = await task.feeds(wavyBatch(batchShape, 0));
  for (let updates = 0; updates < 3; updates++) {
    const step = { learningRate: 2e-3, weightDecay: 0.01, averageKeep: 0.5, updates };
    losses.push((await trainer.step([{ pixels: pixels! }], step)).loss);
  }
  await trainer.close();
  expect(losses[1]).toBeLessThan(losses[0]!);
  expect(losses[2]).toBeLessThan(losses[1]!);
});
