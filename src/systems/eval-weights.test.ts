import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../test/models/tiny-model.ts";
import { openDevice } from "../runtime/device.ts";
import { evalWeights, passesOf } from "./eval-weights.ts";
import { load } from "./load.ts";
import { weightFormats } from "./weight-format.ts";

const device = await openDevice("cpu");
const root = mkdtempSync(join(tmpdir(), "ordo-eval-"));
const [random, classes] = [join(root, "random"), join(root, "classes")];
beforeAll(async () => {
  await writeTinyModel(random);
  await writeTinyModel(classes, { classNames: ["cat", "dog"], seed: 2 });
});
afterAll(() => rmSync(root, { recursive: true }));

/**
 * Most that logits may be off, relative RMS, and most tokens that may change: up to twice the worst that
 * was measured, on 32 pictures of emoji-var and on six random models. Halves keep 11 bits; int8
 * rounds weights to 7 bits and inputs to 8, int4 weights to 4 bits in blocks of 32.
 */
const rms = { fp32: 0, fp16: 7e-4, int8: 0.085, int4: 0.35 };
const none = { argmax: 0, draws: 0 };
const trained = {
  fp32: none,
  // its file has 16 bits already
  fp16: none,
  int8: { argmax: 0.11, draws: 0.21 },
  int4: { argmax: 0.37, draws: 0.5 },
};
// flat logits: less is needed for another token
const wild = {
  fp32: none,
  fp16: { argmax: 0.02, draws: 0.02 },
  int8: { argmax: 0.07, draws: 0.5 },
  int4: { argmax: 0.35, draws: 0.8 },
};

describe.each([
  ["emoji-var", "emoji-var", trained],
  ["random weights on words", random, wild],
  ["random weights on classes", classes, wild],
])("%s", (_, model, most) => {
  it("predicts its own pictures in every format within the tolerance", {
    timeout: 60_000,
  }, async () => {
    const report = await evalWeights(device, model, {
      formats: weightFormats,
      pictures: 2,
      seed: 5,
    });
    expect(report.formats.map(({ weights }) => weights)).toEqual(weightFormats);
    for (const row of report.formats) {
      const label = `${row.weights} ${JSON.stringify(row)}`;
      expect(row.relativeRms, label).toBeLessThanOrEqual(rms[row.weights]);
      expect(row.changedArgmax, label).toBeLessThanOrEqual(most[row.weights].argmax);
      expect(row.changedDraws, label).toBeLessThanOrEqual(most[row.weights].draws);
      expect(row.msPerPicture).toBeGreaterThan(0);
    }
    const bytes = report.formats.map((row) => row.bytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
    const [, , int8, int4] = report.formats;
    // the formats are really computed with, and the smaller one is the coarser
    expect(int8!.relativeRms).toBeGreaterThan(1e-3);
    expect(int4!.relativeRms).toBeGreaterThan(int8!.relativeRms);
  });
});

it("draws the very tokens that it predicts, in float32", async () => {
  const model = await load(random, device);
  const ids: Int32Array[] = [];
  for await (const step of model.steps("rocket", { seed: 3 })) ids.push(step.ids!);
  const drawn: Int32Array[] = [];
  for await (const step of model.predict("rocket", ids, { seed: 3 })) drawn.push(step.drawn);
  expect(drawn).toEqual(ids);
  await model.close();
});

it("tells of each pass over the pictures, fp32 asked for or not", async () => {
  const passes: string[] = [];
  await evalWeights(device, random, {
    formats: ["int4", "fp32", "int4"],
    pictures: 1,
    seed: 1,
    onPass: (done, format) => passes.push(`${done} ${format}`),
  });
  expect(passes).toEqual(["1 fp32", "2 fp32", "3 int4", "4 int4"]);
  expect(passesOf({ formats: ["int4", "fp32", "int4"] })).toBe(4);
  expect(passesOf({ formats: ["int4", "fp32"], precision: "fp16" })).toBe(6);
});
