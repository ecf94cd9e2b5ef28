/**
 * From a constant to a trained model in one file: the first thing to run on a new device or engine.
 * Each step needs the ones before it.
 */
import { expect, it } from "vitest";
import { grad } from "../src/graph/autodiff.ts";
import { multiply, subtract } from "../src/graph/ops/arithmetic.ts";
import { mean, sum } from "../src/graph/ops/reduce.ts";
import { constant, input } from "../src/graph/ops/source.ts";
import { square } from "../src/graph/ops/unary.ts";
import { Scope } from "../src/nn/layer.ts";
import { linear } from "../src/nn/linear.ts";
import { random } from "../src/random/random.ts";
import { openDevice } from "../src/runtime/device.ts";
import { compile } from "../src/runtime/function.ts";
import { Trainer } from "../src/training/trainer.ts";

const device = await openDevice("cpu");

it("a constant", async () => {
  const fn = await compile(device, "constant", { y: constant(Float32Array.of(1, 2, 3), [3]) });
  expect(await fn.run({})).toEqual({ y: { data: Float32Array.of(1, 2, 3), dims: [3] } });
  await fn.release();
});

it("an op", async () => {
  const x = input("x", "float32", [3]);
  const fn = await compile(device, "op", { y: multiply(x, 2) });
  const { y } = await fn.run({ x: Float32Array.of(1, 2, 3) });
  expect([...y!.data]).toEqual([2, 4, 6]);
  await fn.release();
});

it("a gradient", async () => {
  const x = input("x", "float32", [3]);
  const [g] = grad(sum(square(x)), [x]);
  const fn = await compile(device, "gradient", { g: g! });
  const results = await fn.run({ x: Float32Array.of(1, 2, 3) });
  expect([...results.g!.data]).toEqual([2, 4, 6]);
  await fn.release();
});

it("a model, trained", async () => {
  // y = 3·a − 2·b + 1 from 32 points
  const points = random(1, "points").normals(64);
  const targets = Float32Array.from({ length: 32 }, (_, i) => {
    return 3 * points[2 * i]! - 2 * points[2 * i + 1]! + 1;
  });
  const scope = new Scope();
  const x = input("x", "float32", [32, 2]);
  const y = input("y", "float32", [32, 1]);
  const loss = mean(square(subtract(linear({ inputs: 2, outputs: 1 }).bind(scope)(x), y)));
  const graph = { name: "regression", scope, loss, metrics: {}, decayExempt: [] };
  const trainer = await Trainer.create(device, graph, {
    seed: 1,
    accumulation: 1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    clipNorm: 100,
    average: false,
  });
  const losses: number[] = [];
  for (let updates = 0; updates < 200; updates++) {
    const learningRate = 0.1 * (1 - updates / 200);
    const step = { learningRate, weightDecay: 0, averageKeep: 0, updates };
    losses.push((await trainer.step([{ x: points, y: targets }], step)).loss);
  }
  const { weight, bias } = Object.fromEntries(await trainer.read());
  await trainer.close();
  expect(losses.at(-1)).toBeLessThan(losses[0]! * 1e-5);
  expect([...weight!, ...bias!].map((v) => Math.round(v * 100) / 100)).toEqual([3, -2, 1]);
});
