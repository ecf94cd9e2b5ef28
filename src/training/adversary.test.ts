import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { batchShape, tinyPlan, tinyTokenizer } from "../../test/training/tiny-run.ts";
import { wavyBatch } from "../../test/training/wavy-batch.ts";
import { readSafetensors } from "../checkpoints/safetensors.ts";
import type { Batch } from "../data/batches.ts";
import { ConfigError } from "../errors.ts";
import { openDevice } from "../runtime/device.ts";
import { pictureSize, type ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import type { AdversaryOptions } from "./adversary.ts";
import { runTraining } from "./loop.ts";
import type { TrainingTask } from "./task.ts";
import { TaskTrainers } from "./task-trainers.ts";
import { tokenizerTask } from "./tokenizer-task.ts";

const device = await openDevice("cpu", { threads: 1 });
const START = 3;
const adversary: AdversaryOptions = {
  discriminator: { channels: 4, layers: 1 },
  weight: 0.5,
  start: START,
};
const shape = batchShape;

function task(
  against: AdversaryOptions | null,
  tokenizer: ScaleTokenizerOptions = tinyTokenizer,
): TrainingTask {
  return tokenizerTask({
    tokenizer,
    batchSize: shape.batchSize,
    seed: 1,
    weights: { l1: 0, l2: 1, edges: 0 },
    quantizer: { commitment: 0.25 },
    revival: { every: 4, until: 1, threshold: 0.1 },
    steps: 24,
    examples: wavyBatch({ ...shape, ...pictureSize(tokenizer) }, 1000).pixels,
    save: async () => {},
    ...(against && { adversary: against }),
  });
}

const rates = { learningRate: 2e-3, weightDecay: 0.01, averageKeep: 0.5 };
const options = { ...tinyPlan, accumulation: 2, epsilon: 1e-8, average: true };
const opened: TaskTrainers[] = [];
afterAll(async () => {
  for (const trainers of opened) await trainers.close();
});

async function trainersOf(of: TrainingTask): Promise<TaskTrainers> {
  const trainers = await TaskTrainers.create(device, of, options);
  opened.push(trainers);
  return trainers;
}

const parametersOf = async ({ all }: TaskTrainers) =>
  Promise.all(all.map((trainer) => trainer.read()));

/** Pixels of two batches, for one update. */
async function batches(of: TrainingTask, step: number, spoil = 1) {
  const feeds = [0, 1].map((i) => of.feeds(wavyBatch(shape, 2 * step + i)));
  return (await Promise.all(feeds)).map(({ pixels }) => ({
    pixels: (pixels as Float32Array).map((x) => x * spoil),
  }));
}

describe("an adversary", () => {
  it("changes nothing before it sets in, and both sides afterwards", async () => {
    const [plain, opposed] = [task(null), task(adversary)];
    const [alone, against] = [await trainersOf(plain), await trainersOf(opposed)];
    const [, judgeBefore] = await parametersOf(against);
    for (let updates = 0; updates < START; updates++) {
      const feeds = await batches(plain, updates);
      const wanted = await alone.step(feeds, { ...rates, updates });
      const found = await against.step(feeds, { ...rates, updates });
      expect(found.loss).toBe(wanted.loss);
      expect(Object.keys(opposed.report(found))).toEqual(["psnr", "quantizer", "used"]);
    }
    const [own] = await parametersOf(alone);
    const [same, judge] = await parametersOf(against);
    expect(same).toEqual(own);
    expect(judge).toEqual(judgeBefore);

    const feeds = await batches(plain, START);
    const result = await against.step(feeds, { ...rates, updates: START });
    expect(Object.keys(opposed.report(result)).slice(3)).toEqual(["generator", "discriminator"]);
    const [moved, learned] = await parametersOf(against);
    expect(moved).not.toEqual(same);
    expect(learned).not.toEqual(judge);
  });

  it("learns to tell pictures from reconstructions that stand still, in two steps", async () => {
    const opposed = task({ ...adversary, start: 0 });
    const trainers = await trainersOf(opposed);
    const [, judge] = trainers.all;
    const losses: number[] = [];
    const feeds = await batches(opposed, 0);
    for (let updates = 0; updates < 3; updates++) {
      // the tokenizer is put back each time
      const before = await trainers.own.read();
      const { metrics } = await trainers.step(feeds, { ...rates, updates });
      losses.push(Number(metrics.discriminator![0]));
      await trainers.own.load(before);
    }
    expect(judge!.specs.has("discriminator.convIn.weight")).toBe(true);
    expect(losses[1]).toBeLessThan(losses[0]!);
    expect(losses[2]).toBeLessThan(losses[1]!);
  });

  it("is told apart from the losses between pictures, which two steps lower all the same", async () => {
    const opposed = task({ ...adversary, start: 0, weight: 0.01, adaptiveLimit: 1 });
    const trainers = await trainersOf(opposed);
    const feeds = await batches(opposed, 0);
    const values: number[] = [];
    for (let updates = 0; updates < 3; updates++) {
      const result = await trainers.step(feeds, { ...rates, updates });
      const { balance, psnr } = opposed.report(result);
      expect(balance).toBeGreaterThan(0);
      expect(balance).toBeLessThanOrEqual(1);
      values.push(psnr!);
    }
    expect(values[1]).toBeGreaterThan(values[0]!);
    expect(values[2]).toBeGreaterThan(values[1]!);
  });

  it("leaves both sides as they are if a loss is not a number", async () => {
    const opposed = task({ ...adversary, start: 0 });
    const trainers = await trainersOf(opposed);
    await trainers.step(await batches(opposed, 0), { ...rates, updates: 0 });
    const before = await parametersOf(trainers);
    const bad = await batches(opposed, 1, Number.NaN);
    const { gradientNorm } = await trainers.step(bad, { ...rates, updates: 1 });
    expect(gradientNorm).toBeNaN();
    expect(await parametersOf(trainers)).toEqual(before);
    const { loss } = await trainers.step(await batches(opposed, 1), { ...rates, updates: 1 });
    expect(loss).toBeGreaterThan(0);
  });

  it("refuses pictures that leave it no patch", () => {
    const deep = { ...adversary, discriminator: { channels: 4, layers: 3 } };
    expect(() => task(deep)).toThrow(ConfigError);
    expect(() => task(deep)).toThrow(/pictures of at least 24x24 for a discriminator of 3 layers/);
  });
});

describe("a run with an adversary", () => {
  async function* batchesFrom(first: number): AsyncGenerator<Batch> {
    for (let step = first; ; step++) yield wavyBatch(shape, step);
  }

  async function trainUntil(folder: string, last: number, resume = false): Promise<void> {
    const stop = new AbortController();
    await runTraining({
      device,
      task: task(adversary),
      plan: tinyPlan,
      folder,
      recipe: "{}",
      resume,
      batches: batchesFrom,
      checkpointSeconds: Number.POSITIVE_INFINITY,
      hardware: "test",
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === last) stop.abort();
      },
    });
  }

  it.each([2, 5])(
    "that is stopped at step %i and goes on is the one without a break, byte for byte",
    async (pause) => {
      await withFolder(async (root) => {
        const [straight, broken] = [join(root, "straight"), join(root, "broken")];
        await trainUntil(straight, 7);
        await trainUntil(broken, pause);
        await trainUntil(broken, 7, true);
        const name = "checkpoint-7.safetensors";
        const wanted = await readSafetensors(join(straight, name));
        const found = await readSafetensors(join(broken, name));
        expect([...found.keys()]).toEqual([...wanted.keys()]);
        expect([...found.keys()]).toContain("v:discriminator.inner.0.conv.weight");
        for (const [path, { data }] of wanted) {
          const bytes = (view: ArrayBufferView) =>
            Buffer.from(view.buffer, view.byteOffset, view.byteLength);
          expect(bytes(found.get(path)!.data).equals(bytes(data)), path).toBe(true);
        }
      });
    },
  );
});
