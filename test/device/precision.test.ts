/**
 * float16 where it is allowed, as a GPU would round it: on the CPU the engine puts float32 kernels
 * between changes of type, so that every result is rounded and no GPU is needed.
 */
import { afterAll, describe, expect, it } from "vitest";
import type { Op } from "../../src/graph/op.ts";
import { int8ProductOp } from "../../src/graph/ops/quantized.ts";
import { random } from "../../src/random/random.ts";
import { type Device, openDevice } from "../../src/runtime/device.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { drawAll, openSampler } from "../conformance/drawing.ts";
import { compose, wildModel } from "../conformance/tiny-systems.ts";
import { batchOf, tinySystemTask } from "../conformance/tiny-tasks.ts";
import { cases } from "../ops/cases.ts";
import { runCase } from "../ops/run-case.ts";
import { baseSystems, stepCases, stepOptions, stepRates, takeStep } from "./base-steps.ts";

const wide = await openDevice("cpu", { threads: 1 });
const narrow = await openDevice("cpu", { threads: 1, precision: "fp16" });
/** The graphs that a GPU gets, checked and computed by the CPU's engine. */
const narrowForGpu: Device = { ...narrow, target: "webgpu" };

const forms = [
  ["as the CPU gets it", narrow],
  ["as a GPU gets it", narrowForGpu],
] as const;

afterAll(async () => {
  for (const device of [wide, narrow]) await device.close();
});

/** ‖a − b‖ / ‖b‖ */
function relativeError(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    difference += (x - y) ** 2;
    size += y ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

describe.each(forms)("every op and its gradient, %s", (_, narrow) => {
  // no GPU gets products of int8
  const own = cases.filter(
    ({ op }) => narrow.target === "cpu" || op !== (int8ProductOp as Op<never>),
  );
  it.each(own.map((test) => [test.name, test] as const))("%s", async (_, test) => {
    const options = { gradients: true, mayNarrow: true };
    const wanted = await runCase(wide, test, options);
    const found = await runCase(narrow, test, options);
    for (const [name, { data }] of Object.entries(wanted)) {
      expect(relativeError(found[name]!.data, data), name).toBeLessThan(1e-2);
    }
  });
});

describe("a training step", () => {
  it.each(stepCases.map((one) => [one.name, one] as const))("of %s", async (_, one) => {
    const wanted = await takeStep(wide, one);
    const found = await takeStep(narrow, one);
    expect(Number.isFinite(wanted.loss)).toBe(true);
    expect(Math.abs(found.loss / wanted.loss - 1)).toBeLessThan(1e-3);
    expect(Math.abs(found.gradientNorm / wanted.gradientNorm - 1)).toBeLessThan(1e-2);
    for (const [path, values] of wanted.parameters) {
      expect(relativeError(found.parameters.get(path)!, values), path).toBeLessThan(5e-3);
    }
    // it was float16 that was measured
    expect(found.gradientNorm).not.toBe(wanted.gradientNorm);
    expect(found.lossScale).toBe(2 ** 16);
  });

  it("that overflows is left out, and the next one has a smaller loss scale", async () => {
    const system = baseSystems[0]!;
    const task = await tinySystemTask(narrow, system);
    const trainer = await Trainer.create(narrow, task.graph, stepOptions);
    const feeds = await task.feeds(batchOf(compose(system).tokenizer));
    const before = await trainer.read();
    trainer.lossScale = { factor: 2 ** 40, good: 0, skipped: 0 };
    const { skipped, gradientNorm } = await trainer.step([feeds], { ...stepRates, updates: 0 });
    expect([skipped, Number.isFinite(gradientNorm)]).toEqual([true, false]);
    expect(await trainer.read()).toEqual(before);
    expect(trainer.lossScale).toEqual({ factor: 2 ** 39, good: 0, skipped: 1 });
    trainer.lossScale = { factor: 2 ** 10, good: 0, skipped: 1 };
    const next = await trainer.step([feeds], { ...stepRates, updates: 1 });
    expect(next.skipped).toBeUndefined();
    // the step that was left out is no step of the optimiser
    const other = await Trainer.create(narrow, task.graph, stepOptions);
    other.lossScale = { factor: 2 ** 10, good: 0, skipped: 0 };
    await other.step([feeds], { ...stepRates, updates: 0 });
    expect(await trainer.read()).toEqual(await other.read());
    for (const one of [trainer, other]) await one.close();
  });
});

/** Without a trained denoiser diffusion blows everything up ten-thousandfold: it is to end near 1. */
const FAINT = 1e-4;
const faint = (step: number, draw: number, count: number): Float32Array =>
  random(7, "faint", step, draw)
    .normals(count)
    .map((x) => FAINT * x);

function calm(parameters: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  return new Map(
    [...parameters].map(([path, data]) =>
      path.startsWith("head.output.") ? [path, data.map((x) => FAINT * x)] : [path, data],
    ),
  );
}

describe.each(forms)("a picture, %s", (_, narrow) => {
  it("that float16 cannot hold ends with a remedy", async () => {
    const composition = compose(baseSystems[2]!);
    const sampler = await openSampler(narrow, composition, wildModel(composition));
    await expect(
      drawAll(sampler, { request: baseSystems[2]!.requests[0], seed: 7 }),
    ).rejects.toThrow(/numbers, got NaN.*--precision fp32/);
    await sampler.close();
  });

  it.each(baseSystems.map((one) => [one.name, one] as const))("of %s", async (_, system) => {
    const composition = compose(system);
    const draw = async (device: Device) => {
      const sampler = await openSampler(device, composition, calm(wildModel(composition)));
      const asked = { request: system.requests[0], seed: 7, noise: faint };
      const drawn = await drawAll(sampler, asked);
      await sampler.close();
      return drawn;
    };
    const wanted = await draw(wide);
    const found = await draw(narrow);
    expect(found.ids).toEqual(wanted.ids);
    expect(relativeError(found.pixels, wanted.pixels)).toBeLessThan(1e-2);
  });
});

it("has the losses of float32, step by step", async () => {
  const losses = async (device: Device) => {
    const system = baseSystems[1]!;
    const task = await tinySystemTask(device, system);
    const trainer = await Trainer.create(device, task.graph, { ...stepOptions, epsilon: 1e-8 });
    const feeds = await task.feeds(batchOf(compose(system).tokenizer));
    const values: number[] = [];
    for (let updates = 0; updates < 40; updates++) {
      values.push((await trainer.step([feeds], { ...stepRates, updates })).loss);
    }
    await trainer.close();
    return values;
  };
  const wanted = await losses(wide);
  const found = await losses(narrow);
  expect(wanted.at(-1)).toBeLessThan(0.8 * wanted[0]!);
  wanted.forEach((loss, i) => {
    expect(Math.abs(found[i]! - loss) / loss, `step ${i}`).toBeLessThan(0.02);
  });
  expect(found).not.toEqual(wanted);
});
