import { expect, test } from "vitest";
import { grad } from "../graph/autodiff.ts";
import { sum } from "../graph/ops/reduce.ts";
import { constant, input } from "../graph/ops/source.ts";
import { initialize, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { diffusionLoss } from "./diffusion-loss.ts";
import { type Denoised, diffusionMlp } from "./diffusion-mlp.ts";
import { stepBack, timesAt } from "./diffusion-process.ts";
import { cosineSchedule, stepCoefficients } from "./diffusion-schedule.ts";

const device = await openDevice("cpu", { threads: 1 });
const schedule = cosineSchedule();
const N = 64;
const C = 4;
const times = Int32Array.from({ length: N }, (_, i) => (i < 4 ? 0 : random(1, i).integer(1000)));
const feeds = {
  tokens: random(1, "x").normals(N * C),
  noise: random(1, "noise").normals(N * C),
  hidden: random(1, "z").normals(N * 6),
  times,
};
const example = {
  tokens: input("tokens", "float32", [N, C]),
  noise: input("noise", "float32", [N, C]),
  times: input("times", "int32", [N]),
};

test("at its first values the head estimates no noise: the squared error is that of the noise", async () => {
  const scope = new Scope();
  const head = diffusionMlp({ channels: C, condition: 6, width: 8, depth: 2 }).bind(scope);
  const condition = head.condition(input("hidden", "float32", [N, 6]));
  const { squaredError, bound } = diffusionLoss(head, schedule, { ...example, condition });
  const constants = initialize(scope.specs, 1);
  const fn = await compile(device, "loss", { squaredError, bound }, { constants });
  const results = await fn.run(feeds);
  await fn.release();
  const errors = results.squaredError!.data as Float32Array;
  for (let i = 0; i < N; i++) {
    const own = feeds.noise.slice(i * C, (i + 1) * C);
    expect(errors[i]).toBeCloseTo(own.reduce((all, x) => all + x * x, 0) / C, 4);
  }
  expect((results.bound!.data as Float32Array).every(Number.isFinite)).toBe(true);
});

/** A head whose estimates are inputs, so that the loss can be differentiated by them. */
function givenHead() {
  const estimate: Denoised = {
    noise: input("estimate", "float32", [N, C]),
    variance: input("variance", "float32", [N, C]),
  };
  const embeddings = constant(new Float32Array(1000), [1000, 1]);
  return { estimate, head: { times: () => embeddings, denoise: () => estimate } };
}

test("the bound trains the variance alone, the squared error the noise alone", async () => {
  const { estimate, head } = givenHead();
  const condition = constant(new Float32Array(N), [N, 1]);
  const { squaredError, bound } = diffusionLoss(head, schedule, { ...example, condition });
  const both = [estimate.noise, estimate.variance];
  const ofBound = grad(sum(bound), both);
  const ofError = grad(sum(squaredError), both);
  const outputs = {
    boundByNoise: ofBound[0]!,
    boundByVariance: ofBound[1]!,
    errorByNoise: ofError[0]!,
    errorByVariance: ofError[1]!,
  };
  const fn = await compile(device, "gradients", outputs);
  const results = await fn.run({
    ...feeds,
    estimate: random(2).normals(N * C),
    variance: random(3).uniforms(N * C),
  });
  await fn.release();
  const of = (name: string) => [...(results[name]!.data as Float32Array)];
  expect(of("boundByNoise").every((x) => x === 0)).toBe(true);
  expect(of("errorByVariance").every((x) => x === 0)).toBe(true);
  expect(of("boundByVariance").filter((x) => x !== 0).length).toBeGreaterThan(N);
  expect(of("boundByVariance").every(Number.isFinite)).toBe(true);
  expect(of("errorByNoise").filter((x) => x !== 0).length).toBe(N * C);
});

test("the right noise leads back to the posterior, and the variance lies between its bounds", async () => {
  const at = timesAt(schedule, example.times);
  const halfway = { noise: example.noise, variance: input("variance", "float32", [N, C]) };
  const { mean, logVariance } = stepBack(input("noisy", "float32", [N, C]), halfway, at);
  const fn = await compile(device, "back", { mean, logVariance });
  const left = (i: number) => schedule.signal[times[Math.floor(i / C)]!]!;
  const noisy = feeds.tokens.map(
    (x, i) => Math.sqrt(left(i)) * x + Math.sqrt(1 - left(i)) * feeds.noise[i]!,
  );
  const results = await fn.run({ ...feeds, noisy, variance: new Float32Array(N * C) });
  await fn.release();
  const [means, logs] = [results.mean!, results.logVariance!].map((x) => x.data as Float32Array);
  for (let i = 0; i < N * C; i++) {
    const { mean, logVariance, fromNoisy } = stepCoefficients(schedule, times[Math.floor(i / C)]!);
    const wanted = mean.start * feeds.tokens[i]! + mean.noisy * noisy[i]!;
    // x̂₀ is a small difference of large numbers where little signal is left
    const tolerance = 1e-6 * (1 + fromNoisy.signal * Math.abs(mean.start));
    expect(Math.abs(means![i]! - wanted)).toBeLessThan(10 * tolerance);
    expect(logs![i]).toBeCloseTo((logVariance.least + logVariance.most) / 2, 4);
  }
});
