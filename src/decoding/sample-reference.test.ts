import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { random } from "../random/random.ts";
import { draw, sampleReference, survivors } from "./sample-reference.ts";

const log = (...probabilities: number[]) => probabilities.map((p) => Math.log(p));
const halves = log(0.1, 0.4, 0.2, 0.3); // descending: codes 1, 3, 2, 0

const anyLogits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});
const anyUniform = fc.double({ min: 0, max: 0.999999, noNaN: true });

test("without options every code survives, most probable first", () => {
  const { ids, probabilities } = survivors(halves);
  expect([...ids]).toEqual([1, 3, 2, 0]);
  for (const [i, p] of [0.4, 0.3, 0.2, 0.1].entries()) expect(probabilities[i]).toBeCloseTo(p, 12);
});

test("the draw is the code whose share holds the uniform number", () => {
  const at = (uniform: number) => sampleReference(halves, uniform);
  expect([0, 0.39, 0.41, 0.69, 0.71, 0.89, 0.91, 0.999].map(at)).toEqual([1, 1, 3, 3, 2, 2, 0, 0]);
});

test("the margin of a draw is the distance to the nearest border", () => {
  expect(draw(survivors(halves), 0.41).margin).toBeCloseTo(0.01, 12);
  expect(draw(survivors([5]), 0.5)).toEqual({ id: 0, margin: Infinity });
});

test("top-k keeps exactly k codes, of equal ones the lower", () => {
  expect([...survivors(halves, { topK: 2 }).ids]).toEqual([1, 3]);
  expect([...survivors([1, 1, 1, 1], { topK: 2 }).ids]).toEqual([0, 1]);
});

test("top-p drops the tail while what is dropped stays within 1 − p", () => {
  // halves sum from the tail: 0.1, 0.3, 0.6
  expect([...survivors(halves, { topP: 0.95 }).ids]).toEqual([1, 3, 2, 0]);
  expect([...survivors(halves, { topP: 0.85 }).ids]).toEqual([1, 3, 2]);
  expect([...survivors(halves, { topP: 0.65 }).ids]).toEqual([1, 3]);
  expect([...survivors(halves, { topP: 0.01 }).ids]).toEqual([1]);
});

test("a tail of exactly 1 − p is dropped", () => {
  const { ids, margin } = survivors(log(0.5, 0.25, 0.25), { topP: 0.5 });
  expect([...ids]).toEqual([0]);
  expect(margin).toBe(0);
});

test("top-p judges the distribution that top-k left", () => {
  // among the two survivors code 1 has 4/7 > 0.55, among all four only 0.4
  expect([...survivors(halves, { topK: 2, topP: 0.55 }).ids]).toEqual([1]);
  expect([...survivors(halves, { topP: 0.55 }).ids]).toEqual([1, 3]);
});

test("temperature sharpens or flattens before top-p", () => {
  const [cold] = survivors(halves, { temperature: 0.5 }).probabilities;
  expect(cold).toBeCloseTo(0.16 / 0.3, 12);
  expect([...survivors(halves, { temperature: 0.1, topP: 0.9 }).ids]).toEqual([1]);
});

test("top-k 1 is argmax whatever top-p, temperature and the draw", () => {
  const topP = fc.double({ min: 0.001, max: 1, noNaN: true });
  const temperature = fc.double({ min: 0.1, max: 4, noNaN: true });
  const property = fc.property(anyLogits, anyUniform, topP, temperature, (logits, u, p, t) => {
    const best = logits.indexOf(Math.max(...logits));
    expect(sampleReference(logits, u, { topK: 1, topP: p, temperature: t })).toBe(best);
  });
  fc.assert(property, { seed: 13 });
});

test("top-p keeps the smallest head that reaches p, as the rule from the tail says", () => {
  const property = fc.property(
    anyLogits,
    fc.double({ min: 0.05, max: 0.99, noNaN: true }),
    (logits, topP) => {
      const all = [...survivors(logits).probabilities];
      const { ids, margin } = survivors(logits, { topP });
      fc.pre(margin > 1e-9);
      // the sheet's rule, from the least probable up
      const ascending = [...all].reverse();
      let dropped = 0;
      let sum = 0;
      for (const p of ascending.slice(0, -1)) {
        sum += p;
        if (sum <= 1 - topP) dropped++;
      }
      expect(ids.length).toBe(all.length - dropped);
    },
  );
  fc.assert(property, { seed: 14 });
});

test("the probabilities of the survivors add up to 1 and descend", () => {
  const options = fc.record({
    topK: fc.integer({ min: 1, max: 50 }),
    topP: fc.double({ min: 0.05, max: 1, noNaN: true }),
  });
  const property = fc.property(anyLogits, options, (logits, chosen) => {
    const { ids, probabilities } = survivors(logits, chosen);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect([...probabilities]).toEqual([...probabilities].sort((a, b) => b - a));
    expect(ids.length).toBe(Math.min(ids.length, chosen.topK));
    expect(ids.length).toBe(probabilities.length);
  });
  fc.assert(property, { seed: 15 });
});

test("draws occur as often as their probabilities say", () => {
  const stream = random(3, "sample-reference");
  const counts = [0, 0, 0, 0];
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    counts[sampleReference(halves, stream.uniform(), { topP: 0.85 })]!++;
  }
  expect(counts[0]).toBe(0);
  for (const [code, share] of [0, 4 / 9, 2 / 9, 3 / 9].entries()) {
    // four standard deviations of a binomial count
    const spread = 4 * Math.sqrt((share * (1 - share)) / draws);
    expect(Math.abs(counts[code]! / draws - share)).toBeLessThanOrEqual(spread);
  }
});

test("options out of range are all named at once", () => {
  const bad = { temperature: 0, topK: 0, topP: 1.5 };
  expect(() => survivors(halves, bad)).toThrow(ConfigError);
  expect(() => survivors(halves, bad)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: sampling: expected temperature above 0, a whole top-k from 1, top-p above 0 and up to 1, got temperature 0, top-k 0, top-p 1.5. For the most probable code alone use top-k 1.]`,
  );
});
