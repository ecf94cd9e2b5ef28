import fc from "fast-check";
import { expect, test } from "vitest";
import {
  averagingDecayAt,
  constantRate,
  cosineRate,
  learningRateAt,
  lin0,
  linearRate,
  scaledLearningRate,
  weightDecayAt,
} from "./schedules.ts";

const warmup = { warmup: { steps: 10 }, warmupStart: 0.1 };

test("lin0 warms up over a fiftieth of the run from 0.005 to 1", () => {
  const schedule = lin0({ end: 0.1 });
  expect(learningRateAt(schedule, 0, 1000)).toBe(0.005);
  expect(learningRateAt(schedule, 10, 1000)).toBeCloseTo(0.5025, 12);
  expect(learningRateAt(schedule, 19, 1000)).toBeLessThan(1);
  expect(learningRateAt(schedule, 20, 1000)).toBe(1);
});

test("lin0 is flat for 5 % and then falls straight to its end", () => {
  const schedule = lin0({ end: 0.1 });
  // 979 steps lie between the end of the warm-up and the last step
  const at = (u: number) => learningRateAt(schedule, 20 + u * 979, 1000);
  expect(at(0.049)).toBe(1);
  expect(at(0.05)).toBeCloseTo(1, 12);
  expect(at(0.525)).toBeCloseTo(0.1 + 0.9 * 0.5, 12);
  expect(learningRateAt(schedule, 999, 1000)).toBeCloseTo(0.1, 12);
});

test("a cosine meets both ends, and their mean halfway", () => {
  const schedule = cosineRate({ ...warmup, end: 0.3 });
  expect(learningRateAt(schedule, 0, 111)).toBe(0.1);
  expect(learningRateAt(schedule, 5, 111)).toBeCloseTo(0.55, 12);
  expect(learningRateAt(schedule, 10, 111)).toBe(1);
  expect(learningRateAt(schedule, 60, 111)).toBeCloseTo(0.65, 12);
  expect(learningRateAt(schedule, 110, 111)).toBeCloseTo(0.3, 12);
});

test("a constant rate is constant after its warm-up", () => {
  expect([0, 500, 999].map((step) => learningRateAt(constantRate(), step, 1000))).toEqual([
    1, 1, 1,
  ]);
  expect(learningRateAt(constantRate(warmup), 5, 1000)).toBeCloseTo(0.55, 12);
  expect(learningRateAt(constantRate(warmup), 999, 1000)).toBe(1);
});

test("factors stay within 0 and 1, rise in the warm-up and then never rise again", () => {
  const kinds = fc.constantFrom(
    lin0({ end: 0.01 }),
    cosineRate(warmup),
    cosineRate({ end: 0.5 }),
    linearRate({ ...warmup, flat: 0.2 }),
    constantRate(warmup),
  );
  const property = fc.property(kinds, fc.integer({ min: 1, max: 200 }), (schedule, steps) => {
    const factors = Array.from({ length: steps }, (_, i) => learningRateAt(schedule, i, steps));
    for (const factor of factors) {
      expect(factor).toBeGreaterThanOrEqual(0);
      expect(factor).toBeLessThanOrEqual(1 + 1e-12);
    }
    const peak = factors.indexOf(Math.max(...factors));
    for (let i = 1; i < steps; i++) {
      if (i <= peak) expect(factors[i]).toBeGreaterThanOrEqual(factors[i - 1]!);
      else expect(factors[i]).toBeLessThanOrEqual(factors[i - 1]! + 1e-12);
    }
  });
  fc.assert(property, { seed: 16 });
});

test("a run past its planned end stays at the end", () => {
  expect(learningRateAt(lin0({ end: 0.1 }), 5000, 1000)).toBeCloseTo(0.1, 12);
  expect(weightDecayAt({ from: 0.05, to: 0.08 }, 5000, 1000)).toBeCloseTo(0.08, 12);
});

test("the learning rate grows with the batch", () => {
  expect(scaledLearningRate(1e-4, 768)).toBeCloseTo(3e-4, 12);
  expect(scaledLearningRate(8e-5, 256, 3)).toBeCloseTo(2.4e-4, 12);
});

test("weight decay follows half a cosine from start to end", () => {
  const schedule = { from: 0.05, to: 0.08 };
  expect(weightDecayAt(schedule, 0, 101)).toBeCloseTo(0.05, 12);
  expect(weightDecayAt(schedule, 50, 101)).toBeCloseTo(0.065, 12);
  expect(weightDecayAt(schedule, 100, 101)).toBeCloseTo(0.08, 12);
});

test("weight decay with equal ends is constant, exactly", () => {
  for (const step of [0, 13, 99])
    expect(weightDecayAt({ from: 0.05, to: 0.05 }, step, 100)).toBe(0.05);
});

test("averaging with a warm-up forgets the random start and grows to its decay", () => {
  const schedule = { decay: 0.999, warmup: true };
  expect(averagingDecayAt(schedule, 0)).toBe(0.1);
  expect(averagingDecayAt(schedule, 90)).toBe(0.91);
  expect(averagingDecayAt(schedule, 1_000_000)).toBe(0.999);
  expect(averagingDecayAt({ decay: 0.999, warmup: false }, 0)).toBe(0.999);
});
