import { expect, test } from "vitest";
import { ShapeError } from "../errors.ts";
import {
  type CodebookUsage,
  countHits,
  newUsage,
  totalHits,
  updateUsage,
  usedShare,
  usedThreshold,
} from "./codebook-usage.ts";

const after = (usage: CodebookUsage, batches: number, ...count: number[][]) => {
  const batch = count.map((hits) => Float32Array.from(hits));
  let result = usage;
  for (let i = 0; i < batches; i++) result = updateUsage(result, batch);
  return result;
};

test("hits are counted per code", () => {
  expect([...countHits([2, 0, 2, 2], 4)]).toEqual([1, 0, 3, 0]);
  expect([...countHits(Int32Array.of(1), 2)]).toEqual([0, 1]);
});

test("an id outside the codebook is refused", () => {
  expect(() => countHits([0, 4], 4)).toThrow(ShapeError);
  expect(() => countHits([0, -1], 4)).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: countHits: expected ids from 0 to 3, got -1 at 1]`,
  );
});

test("the first count is copied and the next ones mix in with a tenth", () => {
  const once = after(newUsage(1, 2), 1, [10, 0]);
  expect([...once.hits]).toEqual([10, 0]);
  const twice = after(once, 1, [0, 10]);
  expect(twice.hits[0]).toBeCloseTo(9, 5);
  expect(twice.hits[1]).toBeCloseTo(1, 5);
});

test("the counter is shared: only the first scale of the first batch is copied", () => {
  const usage = after(newUsage(3, 1), 1, [10], [10], [10]);
  expect(usage.counts).toBe(3);
  expect(usage.hits[0]).toBe(10);
  expect(usage.hits[1]).toBeCloseTo(1, 5);
  expect(usage.hits[2]).toBeCloseTo(1, 5);
});

test("from the hundredth count on, counts mix in with a hundredth", () => {
  const before = after(newUsage(2, 1), 50, [0], [0]);
  expect(before.counts).toBe(100);
  expect(after(before, 1, [1], [1]).hits[0]).toBeCloseTo(0.01, 7);
  const early = { ...before, counts: 99 };
  const mixed = after(early, 1, [1], [1]);
  expect(mixed.hits[0]).toBeCloseTo(0.1, 6);
  expect(mixed.hits[1]).toBeCloseTo(0.01, 7);
});

test("an update leaves the old averages alone", () => {
  const usage = newUsage(1, 2);
  after(usage, 1, [5, 5]);
  expect([...usage.hits]).toEqual([0, 0]);
});

test("steady counts converge to themselves", () => {
  const usage = after(newUsage(2, 2), 400, [8, 2], [3, 7]);
  for (const [i, value] of [8, 2, 3, 7].entries()) expect(usage.hits[i]).toBeCloseTo(value, 2);
});

test("a batch of another shape is refused", () => {
  expect(() =>
    updateUsage(newUsage(2, 4), [new Float32Array(4)]),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: updateUsage: expected 2 counts of 4 codes, got counts of 4 codes]`,
  );
});

test("a code is used from 8 % of an even share on", () => {
  const counted = { batch: 4, height: 16, width: 16 };
  expect(usedThreshold(4096, counted)).toBeCloseTo(0.02, 12);
  expect(usedThreshold(4096, { ...counted, replicas: 2 })).toBeCloseTo(0.04, 12);
  const hits = Float32Array.of(1, 0.08, 0.07, 0, 2, 2, 2, 2);
  const usage: CodebookUsage = { scales: 2, codes: 4, counts: 2, hits };
  // threshold 0.08 · 1 · 2 · 2 / 4 = 0.08, which itself counts as used
  expect(usedShare(usage, { batch: 1, height: 2, width: 2 })).toEqual([0.5, 1]);
});

test("total hits add the scales up", () => {
  const usage = after(newUsage(1, 3), 1, [1, 2, 3]);
  expect([
    ...totalHits({ ...usage, scales: 2, hits: Float32Array.of(1, 2, 3, 10, 20, 30) }),
  ]).toEqual([11, 22, 33]);
});
