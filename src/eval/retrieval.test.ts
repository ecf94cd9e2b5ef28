import { expect, test } from "vitest";
import type { Example } from "../data/example.ts";
import { featuresOf } from "../metrics/features.ts";
import { retrievalMetric } from "./retrieval.ts";

/** Points of a plane, as [x, y, x, y, …], with what they are called; only the kept ones have rows. */
function side(points: readonly number[], kept: number[], texts: string[]) {
  const rows = featuresOf(Float32Array.from(points), 2);
  const examples: Example[] = texts.map((text, i) => ({ file: `${i}`, text, fields: {} }));
  return { set: { examples }, summary: { rows, kept: Int32Array.from(kept) } };
}

const reference = side(
  [0, 0, 10, 0, 0, 10, 10, 10],
  [0, 2, 3, 5],
  ["cat", "left out", "dog", "dog", "left out", "fish"],
);
const options = { network: { name: "tiny-D2" }, seed: 1 };

test("counts samples whose closest reference picture has the words that were asked for", () => {
  const samples = side(
    [1, 1, 9, 1, 1, 9, 9, 9],
    [0, 1, 2, 4],
    ["cat", "dog", "fish", "left out", "fish"],
  );
  const metric = retrievalMetric(samples, reference, options);
  // the third lies by a dog
  expect(metric).toMatchObject({
    id: "retrieval",
    name: "retrieval@1[tiny-D2]",
    value: 3 / 4,
    count: 4,
    referenceCount: 4,
  });
  // one reference picture in four is a cat or a fish, two are dogs
  expect(metric.floor!.value).toBeCloseTo((1 + 2 + 1 + 1) / 16, 12);
  expect(metric.interval!.low).toBeLessThan(3 / 4);
  expect(metric.interval!.high).toBeGreaterThan(3 / 4);
});

test("takes classes for words where there are none", () => {
  const rows = featuresOf(Float32Array.of(0, 0, 10, 0), 2);
  const examples = ["small_cat", "dog"].map((label, i) => ({ file: `${i}`, label, fields: {} }));
  const own = { set: { examples }, summary: { rows, kept: Int32Array.of(0, 1) } };
  expect(retrievalMetric(side([1, 0], [0], ["small cat"]), own, options).value).toBe(1);
});
