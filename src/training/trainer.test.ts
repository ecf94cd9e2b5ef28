import { afterAll, describe, expect, test } from "vitest";
import { largestError } from "../../test/ops/run-case.ts";
import type { Tensor } from "../graph/node.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { mean } from "../graph/ops/reduce.ts";
import { crossEntropy } from "../graph/ops/softmax.ts";
import { input } from "../graph/ops/source.ts";
import { gelu } from "../graph/ops/unary.ts";
import { layer, Scope } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { slot } from "./optimizer.ts";
import { Trainer, type TrainerOptions, type TrainingGraph } from "./trainer.ts";

const device = await openDevice("cpu", { threads: 1 });
const [WIDTH, CLASSES] = [6, 5];

const options: TrainerOptions = {
  seed: 1,
  accumulation: 1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 0.5,
  average: true,
};
const rates = { learningRate: 0.02, weightDecay: 0.1, averageKeep: 0.5 };

/** A small classifier; `gain` multiplies its loss, so that a batch can spoil it. */
function classifier(batch: number, frozen?: TrainingGraph["frozen"]): TrainingGraph {
  const scope = new Scope();
  const parts = {
    hidden: linear({ inputs: WIDTH, outputs: 8 }),
    classes: linear({ inputs: 8, outputs: CLASSES }),
  };
  const run = layer(parts, ({ hidden, classes }, x: Tensor) => classes(gelu(hidden(x)))).bind(
    scope,
  );
  const x = input("x", "float32", [batch, WIDTH]);
  const losses = crossEntropy(run(x), input("ids", "int32", [batch, 1]));
  const loss = multiply(mean(losses), input("gain", "float32", []));
  return {
    name: "classifier",
    scope,
    loss,
    metrics: { losses },
    decayExempt: [],
    ...(frozen && { frozen }),
  };
}

/** Rows `from` to `from + count` of the same endless data. */
function rows(from: number, count: number, gain = 1) {
  const draws = Array.from({ length: count }, (_, i) => random(2, "row", from + i));
  return {
    x: Float32Array.from(draws.flatMap((draw) => [...draw.normals(WIDTH)])),
    ids: Int32Array.from(draws, (draw) => draw.integer(CLASSES)),
    gain: Float32Array.of(gain),
  };
}

const opened: Trainer[] = [];
async function trainerOf(graph: TrainingGraph, changes: Partial<TrainerOptions> = {}) {
  const trainer = await Trainer.create(device, graph, { ...options, ...changes });
  opened.push(trainer);
  return trainer;
}
afterAll(async () => {
  for (const trainer of opened) await trainer.close();
});

/** Every number that a checkpoint would hold. */
async function everything(trainer: Trainer): Promise<Map<string, Float32Array>[]> {
  const slots = [(path: string) => path, slot.first, slot.second, slot.average];
  const values = [];
  for (const name of slots) values.push(await trainer.read(name));
  return values;
}

function largestDifference(a: readonly Map<string, Float32Array>[], b: typeof a): number {
  const errors = a.flatMap((values, i) =>
    [...values].map(([path, data]) => largestError(data, b[i]!.get(path)!)),
  );
  return Math.max(...errors);
}

describe("a training step", () => {
  test("over two half batches is one over the whole batch", async () => {
    const whole = await trainerOf(classifier(8));
    const halves = await trainerOf(classifier(4), { accumulation: 2 });
    for (let updates = 0; updates < 4; updates++) {
      const at = 8 * updates;
      const a = await whole.step([rows(at, 8)], { ...rates, updates });
      const b = await halves.step([rows(at, 4), rows(at + 4, 4)], { ...rates, updates });
      expect(b.loss).toBeCloseTo(a.loss, 5);
      expect(b.gradientNorm).toBeCloseTo(a.gradientNorm, 5);
    }
    expect(largestDifference(await everything(whole), await everything(halves))).toBeLessThan(1e-5);
  });

  test("does not carry gradients over from the update before", async () => {
    const trainer = await trainerOf(classifier(4), { accumulation: 2 });
    const still = { ...rates, learningRate: 0 };
    const batches = [rows(0, 4), rows(4, 4)];
    const { gradientNorm: first } = await trainer.step(batches, { ...still, updates: 0 });
    const { gradientNorm: second } = await trainer.step(batches, { ...still, updates: 1 });
    expect(second).toBe(first);
  });

  test("tells loss, norm and metrics, and learns", async () => {
    const trainer = await trainerOf(classifier(8));
    const losses: number[] = [];
    for (let updates = 0; updates < 20; updates++) {
      const result = await trainer.step([rows(0, 8)], { ...rates, updates });
      const perRow = result.metrics.losses as Float32Array;
      expect(perRow.reduce((sum, x) => sum + x, 0) / 8).toBeCloseTo(result.loss, 5);
      losses.push(result.loss);
    }
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
  });

  test("takes matrices by Muon where the options name it, and all others by AdamW", async () => {
    const muon = { momentum: 0.9, except: ["classes"] };
    const trainers = [await trainerOf(classifier(8)), await trainerOf(classifier(8), { muon })];
    for (const trainer of trainers) {
      for (let updates = 0; updates < 3; updates++) {
        await trainer.step([rows(0, 8)], { ...rates, updates });
      }
    }
    const [adamW, mixed] = [await everything(trainers[0]!), await everything(trainers[1]!)];
    const apart = [...adamW[0]!.keys()].filter((path) => {
      return largestError(mixed[0]!.get(path)!, adamW[0]!.get(path)!) > 0.01;
    });
    expect(apart).toContain("hidden.weight");
    // the one has no second moment, all others have
    const still = [...mixed[2]!].filter(([, data]) => data.every((x) => x === 0));
    expect(still.map(([path]) => path)).toEqual(["hidden.weight"]);
    expect(mixed[1]!.get("hidden.weight")!.some((x) => x !== 0)).toBe(true);
  });

  test("starts and goes the same way for the same seed, and another way for another", async () => {
    const course = async (seed: number) => {
      const trainer = await trainerOf(classifier(8), { seed });
      for (let updates = 0; updates < 3; updates++) {
        await trainer.step([rows(8 * updates, 8)], { ...rates, updates });
      }
      return everything(trainer);
    };
    const wanted = await course(1);
    expect(await course(1)).toEqual(wanted);
    expect(largestDifference(await course(2), wanted)).toBeGreaterThan(0.01);
  });

  test("leaves frozen parameters out: they shape the loss, but are neither trained nor stored", async () => {
    const weight = random(3, "frozen").normals(8 * WIDTH);
    const bias = random(4, "frozen").normals(8);
    const frozen = new Map([
      ["hidden.weight", weight],
      ["hidden.bias", bias],
    ]);
    const [before, copy] = [new Map(frozen), weight.slice()];
    const trainer = await trainerOf(classifier(8, frozen));
    expect([...trainer.specs.keys()]).toEqual(["classes.weight", "classes.bias"]);
    const first = await trainer.step([rows(0, 8)], { ...rates, updates: 0 });
    for (let updates = 1; updates < 10; updates++) {
      await trainer.step([rows(0, 8)], { ...rates, updates });
    }
    expect(weight).toEqual(copy);
    expect([...before]).toEqual([...frozen]);
    expect(trainer.state.names().filter((name) => name.includes("hidden"))).toEqual([]);
    // with other frozen values the same batch has another loss
    const other = await trainerOf(
      classifier(8, new Map([...frozen].map(([path, data]) => [path, data.map((x) => -x)]))),
    );
    const { loss } = await other.step([rows(0, 8)], { ...rates, updates: 0 });
    expect(Math.abs(loss - first.loss)).toBeGreaterThan(1e-3);
  });
});

describe("a loss that is not a number", () => {
  test.each([
    ["in the only batch", 1, [Number.NaN]],
    ["in the first of two batches", 2, [Number.NaN, 1]],
    ["in the last of two batches", 2, [1, Number.POSITIVE_INFINITY]],
  ])("%s changes nothing", async (_, accumulation, gains) => {
    const trainer = await trainerOf(classifier(4), { accumulation });
    const good = Array.from({ length: accumulation }, (_, i) => rows(4 * i, 4));
    await trainer.step(good, { ...rates, updates: 0 });
    const before = await everything(trainer);
    const bad = gains.map((gain, i) => rows(4 * i, 4, gain));
    const result = await trainer.step(bad, { ...rates, updates: 1 });
    expect(Number.isFinite(result.loss)).toBe(false);
    expect(result.gradientNorm).toBeNaN();
    expect(await everything(trainer)).toEqual(before);
  });

  test("nor does a loss whose gradients overflow", async () => {
    const trainer = await trainerOf(classifier(4));
    await trainer.step([rows(0, 4)], { ...rates, updates: 0 });
    const before = await everything(trainer);
    // the loss itself is still a number
    const result = await trainer.step([rows(4, 4, 1e38)], { ...rates, updates: 1 });
    expect(Number.isFinite(result.loss)).toBe(true);
    expect(Number.isFinite(result.gradientNorm)).toBe(false);
    expect(result.skipped).toBeUndefined();
    expect(await everything(trainer)).toEqual(before);
  });

  test.each([1, 2])("leaves no trace in the next update of %i batches", async (accumulation) => {
    const good = Array.from({ length: accumulation }, (_, i) => rows(4 * i, 4));
    const clean = await trainerOf(classifier(4), { accumulation });
    const spoiled = await trainerOf(classifier(4), { accumulation });
    const bad = good.map((feeds) => ({ ...feeds, gain: Float32Array.of(Number.NaN) }));
    await spoiled.step(bad, { ...rates, updates: 0 });
    await clean.step(good, { ...rates, updates: 0 });
    await spoiled.step(good, { ...rates, updates: 0 });
    expect(await everything(spoiled)).toEqual(await everything(clean));
  });
});
