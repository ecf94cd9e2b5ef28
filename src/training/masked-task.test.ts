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
      attentionDropout: 0,
      branchDropout: 0,
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

test("dropout leaves out its share of numbers in both stacks, anew in every batch, and is learned through", async () => {
  const task = await taskOf({ attentionDropout: 0.25, branchDropout: 0.5 });
  const feeds = (await task.feeds(batch)) as Record<string, HostTensor>;
  const names = Object.keys(feeds).filter((name) => /Dropout$/.test(name));
  expect(names.sort()).toEqual(
    ["decoder", "encoder"].flatMap((stack) =>
      ["Attention", "Hidden", "Mlp", "Shares"].map((kind) => `${stack}${kind}Dropout`),
    ),
  );
  const { classSlots, decoder, width } = model.predictor;
  const rows = classSlots + count;
  const blocks = decoder.depth * batchSize;
  expect(feeds.decoderSharesDropout!.dims).toEqual([blocks, decoder.heads, rows, rows]);
  expect(feeds.decoderHiddenDropout!.dims).toEqual([blocks, rows, 4 * width]);
  for (const name of names) {
    const rate = name.includes("Shares") ? 0.25 : 0.5;
    const data = [...(feeds[name]!.data as Float32Array)];
    expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    const share = data.filter((x) => x === 0).length / data.length;
    expect(Math.abs(share - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / data.length));
  }
  const next = (await task.feeds({ ...batch, step: 1 })) as Record<string, HostTensor>;
  expect(next.encoderMlpDropout!.data).not.toEqual(feeds.encoderMlpDropout!.data);
  const [first, second] = (await losses(task)) as [number, number];
  expect(second).toBeLessThan(first);
});

test("factors of 1 change nothing, and without dropout there are none", async () => {
  const [plain, dropping] = [
    await taskOf(),
    await taskOf({ attentionDropout: 0.25, branchDropout: 0.5 }),
  ];
  const feeds = await plain.feeds(batch);
  expect(Object.keys(feeds).filter((name) => /Dropout$/.test(name))).toEqual([]);
  const ones = Object.fromEntries(
    Object.entries(await dropping.feeds(batch)).map(([name, feed]) => {
      if (!/Dropout$/.test(name)) return [name, feed];
      const { data, dims } = feed as HostTensor;
      return [name, { data: new Float32Array(data.length).fill(1), dims }];
    }),
  );
  const constant = (task: TrainingTask, own: typeof feeds) => ({ ...task, feeds: async () => own });
  const [a, b] = [await losses(constant(plain, feeds)), await losses(constant(dropping, ones))];
  for (const [i, loss] of a.entries()) expect(b[i]!).toBeCloseTo(loss, 4);
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
