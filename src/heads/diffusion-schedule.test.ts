import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { cosineSchedule, respaced, stepCoefficients } from "./diffusion-schedule.ts";

const whole = cosineSchedule();

test("the cosine schedule meets the sheet's anchors", () => {
  expect(whole.betas[0]).toBeCloseTo(4.12842e-5, 10);
  expect(whole.betas[999]).toBe(0.999);
  expect(whole.signal[500]).toBeCloseTo(0.492285, 6);
  expect(whole.signal[900]).toBeCloseTo(0.0236161, 7);
});

test("a hundred kept steps are the sheet's", () => {
  const { timesteps, betas } = respaced(whole, 100);
  expect([...timesteps.slice(0, 3)]).toEqual([0, 10, 20]);
  expect([...timesteps.slice(49, 51)]).toEqual([494, 505]);
  expect([...timesteps.slice(98)]).toEqual([989, 999]);
  expect(betas[1]).toBeCloseTo(6.7984e-4, 8);
  expect(betas[98]).toBeCloseTo(0.749939, 6);
  expect(betas[99]).toBeCloseTo(0.99999, 6);
});

test("respacing keeps the signal of the kept steps, ends included, for any count", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1000 }), (count) => {
      const { timesteps, signal } = respaced(whole, count);
      expect(new Set(timesteps).size).toBe(count);
      expect([timesteps[0], timesteps.at(-1)]).toEqual([0, 999]);
      for (const [i, t] of timesteps.entries()) {
        // 1 − β has fewer digits where β is nearly 1, as at the end
        expect(Math.abs(signal[i]! / whole.signal[t]! - 1)).toBeLessThan(1e-7);
      }
    }),
    { seed: 3, numRuns: 60 },
  );
});

test("keeping all steps changes nothing", () => {
  const { timesteps, betas } = respaced(whole, 1000);
  expect(timesteps).toEqual(whole.timesteps);
  for (const [t, beta] of betas.entries()) expect(beta).toBeCloseTo(whole.betas[t]!, 12);
});

test("counts outside of the process are refused", () => {
  for (const count of [0, 1001, 2.5]) expect(() => respaced(whole, count)).toThrow(ConfigError);
});

test("without noise in x the estimate of the start is exact, and so is the posterior's mean", () => {
  for (const t of [0, 1, 500, 998]) {
    const { fromNoisy, mean } = stepCoefficients(whole, t);
    const [start, noise] = [0.7, -1.3];
    const noisy = Math.sqrt(whole.signal[t]!) * start + Math.sqrt(1 - whole.signal[t]!) * noise;
    expect(fromNoisy.signal * noisy - fromNoisy.noise * noise).toBeCloseTo(start, 9);
    // with ε = 0 the process is a scaling, and its posterior follows the same path back
    const clean = Math.sqrt(whole.signal[t]!) * start;
    const before = t === 0 ? start : Math.sqrt(whole.signal[t - 1]!) * start;
    expect(mean.start * start + mean.noisy * clean).toBeCloseTo(before, 9);
  }
});

test("variances lie between the posterior's and the forward one; the first borrows the second's", () => {
  for (let t = 0; t < 1000; t++) {
    const { least, most } = stepCoefficients(whole, t).logVariance;
    expect(Number.isFinite(least)).toBe(true);
    if (t > 0) expect(least).toBeLessThanOrEqual(most);
  }
  const first = stepCoefficients(whole, 0).logVariance.least;
  expect(first).toBe(stepCoefficients(whole, 1).logVariance.least);
});
