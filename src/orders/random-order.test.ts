import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { random } from "../random/random.ts";
import { brokenLaws } from "./conformance.ts";
import { cellsOfStep, randomOrder, restOfOrder, revealCounts } from "./random-order.ts";

const sizes = fc
  .integer({ min: 1, max: 300 })
  .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 1, max: length })));

test("counts are those of the sheet", () => {
  expect(revealCounts(256, 8)).toEqual([5, 15, 24, 31, 39, 45, 48, 49]);
  expect(revealCounts(256, 16)).toEqual([
    2, 3, 7, 8, 11, 13, 15, 16, 19, 20, 22, 23, 23, 25, 24, 25,
  ]);
  expect(revealCounts(256, 256)).toEqual(new Array(256).fill(1));
  expect(revealCounts(16, 1)).toEqual([16]);
});

test("counts add up to the cells, and no step is empty, for any number of steps", () => {
  const property = fc.property(sizes, ([length, steps]) => {
    const counts = revealCounts(length, steps);
    expect(counts.length).toBe(steps);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(length);
  });
  fc.assert(property, { seed: 5, numRuns: 300 });
});

const rests = sizes.chain(([length, steps]) =>
  fc.tuple(fc.constant(length), fc.constant(steps), fc.integer({ min: 1, max: length })),
);

test("a rest begins where so many cells would be hidden, and predicts each of them once", () => {
  const left = (length: number, steps: number, hidden: number) => {
    const keep = Uint8Array.from({ length }, (_, i) => (i < hidden ? 0 : 1));
    const order = restOfOrder(random(2).permutation(length), steps, keep);
    return order.steps.map(({ count }) => count);
  };
  expect(left(256, 8, 256)).toEqual(revealCounts(256, 8));
  // half of the cells are hidden after two thirds of the steps
  expect(left(256, 6, 128)).toEqual(revealCounts(256, 6).slice(4));
  expect(left(256, 6, 120).slice(1)).toEqual(revealCounts(256, 6).slice(5));
  expect(left(256, 256, 3)).toEqual([1, 1, 1]);
  const property = fc.property(rests, fc.nat(), ([length, steps, hidden], seed) => {
    const permutation = random(seed).permutation(length);
    const keep = new Uint8Array(length).fill(1);
    for (const cell of random(seed, "hidden").permutation(length).subarray(0, hidden)) {
      keep[cell] = 0;
    }
    const order = restOfOrder(permutation, steps, keep);
    const predicted = order.steps.flatMap((_, k) => [...cellsOfStep(order, k).predicted]);
    expect(order.steps.length).toBeLessThanOrEqual(steps);
    expect(Math.min(...order.steps.map(({ count }) => count))).toBeGreaterThanOrEqual(1);
    expect(predicted.sort((a, b) => a - b)).toEqual([...keep.keys()].filter((i) => !keep[i]));
    expect([...cellsOfStep(order, 0).known]).toEqual([...keep.keys()].filter((i) => keep[i]));
  });
  fc.assert(property, { seed: 7, numRuns: 200 });
});

test("a rest in which nothing is hidden is refused", () => {
  const all = new Uint8Array(16).fill(1);
  expect(() => restOfOrder(random(1).permutation(16), 4, all)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: order: expected 1 to 16 tokens to predict, got 0]`,
  );
});

test("more steps than cells, none, and a fraction are refused", () => {
  for (const steps of [17, 0, 2.5]) expect(() => revealCounts(16, steps)).toThrow(ConfigError);
  expect(() => randomOrder(random(1).permutation(16), 17)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: steps: expected a whole number from 1 to 16, the number of tokens, got 17. A step must predict at least one token.]`,
  );
});

test("random orders obey the laws of orders", () => {
  const small = fc
    .integer({ min: 1, max: 40 })
    .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 1, max: length })));
  const property = fc.property(small, fc.nat(), ([length, steps], seed) => {
    expect(brokenLaws(randomOrder(random(seed).permutation(length), steps))).toEqual([]);
  });
  fc.assert(property, { seed: 6, numRuns: 40 });
});

test("hidden cells are the first of the permutation: it is read from its end", () => {
  const order = randomOrder(Int32Array.of(3, 0, 2, 1, 5, 4), 3);
  expect(order.steps.map(({ count }) => count)).toEqual([1, 2, 3]);
  expect(cellsOfStep(order, 0)).toEqual({ known: Int32Array.of(), predicted: Int32Array.of(4) });
  expect(cellsOfStep(order, 1)).toEqual({
    known: Int32Array.of(4),
    predicted: Int32Array.of(1, 5),
  });
  expect(cellsOfStep(order, 2)).toEqual({
    known: Int32Array.of(1, 4, 5),
    predicted: Int32Array.of(0, 2, 3),
  });
});

test("a step knows what all earlier ones predicted, and predicts none of it again", () => {
  const property = fc.property(sizes, fc.nat(), ([length, steps], seed) => {
    const order = randomOrder(random(seed).permutation(length), steps);
    const seen = new Set<number>();
    order.steps.forEach((_, k) => {
      const { known, predicted } = cellsOfStep(order, k);
      expect([...known]).toEqual([...seen].sort((a, b) => a - b));
      for (const cell of predicted) expect(seen.has(cell)).toBe(false);
      for (const cell of predicted) seen.add(cell);
    });
    expect(seen.size).toBe(length);
  });
  fc.assert(property, { seed: 7, numRuns: 25 });
});
