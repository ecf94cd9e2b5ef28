import { expect, test } from "vitest";
import { maskedForward } from "../../test/conformance/masked-forward.ts";
import { compose, nextScale, tinySystems, wildModel } from "../../test/conformance/tiny-systems.ts";
import { wavyBatch } from "../../test/training/wavy-batch.ts";
import { openDevice } from "../runtime/device.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import { pictureSize } from "../tokenizers/scale-tokenizer.ts";
import { type NextScaleTaskOptions, nextScaleTask } from "./next-scale-task.ts";
import { Trainer } from "./trainer.ts";

const device = await openDevice("cpu", { threads: 1 });
const composition = nextScale(compose(tinySystems[0]!));
const parameters = wildModel(composition);
const batchSize = 2;
const batch = wavyBatch({ ...pictureSize(composition.tokenizer), batchSize }, 0);

function taskOf(objective: Partial<NextScaleTaskOptions["objective"]>) {
  return nextScaleTask(device, {
    ...composition,
    tokenizerParameters: parameters,
    objective: { ...composition.objective, ...objective },
    requestOf: (_, i) => i + 1,
    batchSize,
    seed: 3,
    preview: async () => ({ pictures: [], columns: 1 }),
    save: async () => {},
  });
}

/** The loss of one step that changes nothing. */
async function lossOf(objective: Partial<NextScaleTaskOptions["objective"]>): Promise<number> {
  const task = await taskOf(objective);
  const trainer = await Trainer.create(device, task.graph, {
    seed: 1,
    accumulation: 1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    clipNorm: 1,
    average: false,
  });
  await trainer.load(parameters);
  const still = { learningRate: 0, weightDecay: 0, averageKeep: 0, updates: 0 };
  const { loss } = await trainer.step([await task.feeds(batch)], still);
  await trainer.close();
  return loss;
}

test("the loss is the cross-entropy of the ids under the masked forward pass", async () => {
  const { tokenCount, steps } = composition.order;
  const V = composition.predictor.logits;
  const { ids } = (await (await taskOf({})).feeds(batch)) as { ids: Int32Array };
  const masked = await maskedForward(device, composition, parameters);
  let total = 0;
  for (let b = 0; b < batchSize; b++) {
    const own = ids.subarray(b * tokenCount, (b + 1) * tokenCount);
    const maps = steps.map(({ start, count }) => own.slice(start, start + count));
    const logits = await masked.logits(b + 1, maps);
    for (let i = 0; i < tokenCount; i++) {
      const row = logits.subarray(i * V, (i + 1) * V);
      const largest = Math.max(...row);
      const sum = row.reduce((all, x) => all + Math.exp(x - largest), 0);
      total += largest + Math.log(sum) - row[own[i]!]!;
    }
  }
  await masked.close();
  const loss = await lossOf({ conditionDrop: 0 });
  expect(loss).toBeCloseTo(total / (batchSize * tokenCount), 4);
});

test("conditions are left out as often as the objective says", async () => {
  const labels = async (conditionDrop: number) => {
    const task = await taskOf({ conditionDrop });
    const found: number[] = [];
    for (let step = 0; step < 60; step++) {
      const { label } = await task.feeds({ ...batch, step });
      found.push(...((label as { data: Int32Array }).data as Int32Array));
    }
    return found;
  };
  const none = 3;
  expect((await labels(0)).filter((label) => label === none)).toEqual([]);
  expect((await labels(1)).every((label) => label === none)).toBe(true);
  const half = (await labels(0.5)).filter((label) => label === none).length / 120;
  expect(Math.abs(half - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 120));
});

test("a batch's feeds are a function of its number, and drop path changes the loss", async () => {
  const task = await taskOf({ conditionDrop: 0.5, dropPath: 0.8 });
  const again = await taskOf({ conditionDrop: 0.5, dropPath: 0.8 });
  const five = { ...batch, step: 5 };
  expect(await again.feeds(five)).toEqual(await task.feeds(five));
  const factors = async (step: number) =>
    (await task.feeds({ ...batch, step })).branchFactors as Float32Array;
  const different = await Promise.all([1, 2, 3, 4].map(factors));
  expect(new Set(different.map((x) => x.join())).size).toBeGreaterThan(1);
  const [without, with_] = [
    await lossOf({ conditionDrop: 0 }),
    await lossOf({ conditionDrop: 0, dropPath: 0.99 }),
  ];
  expect(Math.abs(without - with_)).toBeGreaterThan(1e-3);
});

test("only what the paper exempts is kept from weight decay", async () => {
  const { transformer } = modelParameters(composition);
  const { hasWeightDecay } = await import("./no-decay.ts");
  const { decayExempt } = composition.objective;
  const exempt = [...transformer]
    .filter(([name, { shape }]) => !hasWeightDecay({ name, shape }, decayExempt))
    .map(([name]) => name.replace(/^blocks\.\d+\./, ""));
  const names = new Set(exempt);
  for (const name of ["positions", "startPosition", "levelEmbedding"]) {
    expect(names).toContain(name);
  }
  expect([...names].filter((name) => /weight$/.test(name))).toEqual([]);
  expect([...names].some((name) => /classEmbedding/.test(name))).toBe(false);
});
