import { expect, test } from "vitest";
import { brokenLaws, orderLaws } from "./conformance.ts";
import type { Order } from "./order.ts";

const sound: Order = {
  name: "two steps",
  steps: [
    { start: 0, count: 1, input: "start" },
    { start: 1, count: 2, input: "reconstruction" },
  ],
  tokenCount: 3,
  visible: (query, key) => key === 0 || query > 0,
};

test("a sound order breaks no law", () => {
  expect(brokenLaws(sound)).toEqual([]);
});

test.each<[string, Partial<Order>]>([
  [
    "every position is predicted exactly once: position 2 is predicted 0 times",
    { steps: [sound.steps[0]!, { start: 1, count: 1, input: "reconstruction" }] },
  ],
  [
    "every position is predicted exactly once: step 1 leaves 0 to 2",
    { steps: [sound.steps[0]!, { start: 1, count: 3, input: "reconstruction" }] },
  ],
  [
    "no step is empty: step 2 has 0 positions",
    { steps: [...sound.steps, { start: 3, count: 0, input: "reconstruction" }] },
  ],
  [
    "the first step, and no other, reads the start token: step 1 reads start",
    { steps: [sound.steps[0]!, { start: 1, count: 2, input: "start" }] },
  ],
  ["no step sees its own future: position 0 of step 0 sees 1 of step 1", { visible: () => true }],
  [
    "mask vectors are read where hidden positions are such: step 1 reads reconstruction",
    { hiddenPositions: "mask-vectors" },
  ],
  [
    "mask vectors are read where hidden positions are such: step 1 reads mask-vector",
    { steps: [sound.steps[0]!, { start: 1, count: 2, input: "mask-vector" }] },
  ],
  [
    "every position sees at least one key: position 0 sees nothing",
    { visible: (query) => query > 0 },
  ],
  [
    "every position is another cell of the layout: the cells are not 0 to 2",
    { cells: Int32Array.of(0, 2, 2) },
  ],
  [
    "every position is another cell of the layout: 2 cells for 3 positions",
    { cells: Int32Array.of(0, 1) },
  ],
])("%s", (complaint, change) => {
  expect(brokenLaws({ ...sound, ...change })).toContain(complaint);
});

test("cells may come in any order", () => {
  expect(brokenLaws({ ...sound, cells: Int32Array.of(2, 0, 1) })).toEqual([]);
});

test("laws have distinct names", () => {
  expect(new Set(orderLaws.map(({ name }) => name)).size).toBe(orderLaws.length);
});
