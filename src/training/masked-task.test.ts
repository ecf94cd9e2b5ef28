import { expect, test } from "vitest";
import { tinyKl, tinyMasked } from "../../test/decoding/tiny-masked.ts";
import { wavyBatch } from "../../test/training/wavy-batch.ts";
import { marMaskRatios } from "../objectives/masking.ts";
import { hiddenBias } from "../orders/visibility.ts";
import { openDevice } from "../runtime/device.ts";
import type { HostTensor } from "../runtime/handle.ts";
import { klPictureSize, tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { klTokenizerTask } from "./kl-tokenizer-task.ts";
import { type MaskedTaskOptions, maskedTask } from "./masked-task.ts";
import type { TrainingTask } from "./task.ts";
import { Trainer } from "./trainer.ts";

const device = await openDevice("cpu", { threads: 1 });
const model = tinyMasked();
const { count, channels } = tokenSizes(model.tokenizer);
const batchSize = 2;
const batch = wavyBatch({ ...klPictureSize(tinyKl), batchSize }, 0);
const nothing = { preview: async () => ({ pictures: [], columns: 1 }), save: async () => {} };

function taskOf(objective: Partial<MaskedTaskOptions["objective"]> = {}) {
  return maskedTask(device, {
    ...model,
    tokenizerParameters: model.parameters as ReadonlyMap<string, Float32Array>,
    objective: {
      conditionDrop: 0.1,
      maskRatios: marMaskRatios,
      repeats: 4,
      decayExempt: [],
      ...objective,
    },
    requestOf: (_, i) => i,
    batchSize,
    seed: 3,
    ...nothing,
  });
}

/** Losses of three steps on one batch: before the first update, and after one and two. */
async function losses(task: TrainingTask): Promise<number[]> {
  const trainer = await Trainer.create(device, task.graph, {
    seed: 1,
    accumulation: 1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    clipNorm: 3,
    average: false,
  });
  const feeds = await task.feeds(batch);
  const found: number[] = [];
  for (let updates = 0; updates < 3; updates++) {
    const step = { learningRate: 3e-3, weightDecay: 0.02, averageKeep: 0, updates };
    found.push((await trainer.step([feeds], step)).loss);
  }
  await trainer.close();
  return found;
}

test("two steps lower the loss, which starts near that of estimating no noise", async () => {
  const task = await taskOf();
  const [first, second, third] = (await losses(task)) as [number, number, number];
  // 1 for the squared error, and a bound that halfway variances leave
  expect(first).toBeGreaterThan(0.8);
  expect(first).toBeLessThan(4);
  expect(second).toBeLessThan(first);
  expect(third).toBeLessThan(second);
});

test("hidden cells, and no others, weigh the same in the loss; known ones are read", async () => {
  const task = await taskOf({ repeats: 2 });
  for (let step = 0; step < 6; step++) {
    const feeds = (await task.feeds({ ...batch, step })) as Record<string, Float32Array>;
    const { weights, cells, slots, bias } = feeds as Record<string, Float32Array>;
    const hidden = [...weights!].filter((x) => x > 0);
    expect(new Set(hidden).size).toBe(1);
    expect(2 * hidden.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
    expect(hidden.length).toBeGreaterThanOrEqual(batchSize * Math.ceil(0.7 * count));
    const { classSlots } = model.predictor;
    const seen = [...bias!].filter((x) => x === 0).length - classSlots;
    expect([...bias!].every((x) => x === 0 || x === hiddenBias)).toBe(true);
    expect(hidden.length).toBe(batchSize * (count - seen));
    const places = cells!.length / batchSize;
    for (let b = 0; b < batchSize; b++) {
      for (const cell of cells!.slice(b * places, b * places + seen)) {
        expect(weights![b * count + cell]).toBe(0);
        const slot = slots![b * (classSlots + count) + classSlots + cell]!;
        expect(Math.floor(slot / (classSlots + places))).toBe(b);
      }
    }
  }
});

test("a batch's feeds are a function of its number, and its latents are drawn anew", async () => {
  const [task, again] = [await taskOf(), await taskOf()];
  const five = { ...batch, step: 5 };
  expect(await again.feeds(five)).toEqual(await task.feeds(five));
  const [a, b] = await Promise.all([5, 6].map((step) => task.feeds({ ...batch, step })));
  expect(a!.tokens).not.toEqual(b!.tokens);
  expect((a!.tokens as Float32Array).length).toBe(batchSize * count * channels);
});

test("conditions are left out as often as the objective says", async () => {
  const labels = async (conditionDrop: number) =>
    ((await (await taskOf({ conditionDrop })).feeds(batch)).label as HostTensor).data as Int32Array;
  expect([...(await labels(0))]).toEqual([0, 1]);
  expect([...(await labels(1))]).toEqual([3, 3]);
});

test("two steps lower the loss of the autoencoder", async () => {
  const task = klTokenizerTask({
    tokenizer: tinyKl,
    batchSize,
    seed: 3,
    weights: { l1: 0.2, l2: 1, edges: 0.1 },
    divergence: 1e-4,
    examples: new Float32Array(),
    save: nothing.save,
  });
  const [first, second, third] = (await losses(task)) as [number, number, number];
  expect(second).toBeLessThan(first);
  expect(third).toBeLessThan(second);
});
