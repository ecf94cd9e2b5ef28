import { expect, test } from "vitest";
import { nextScale } from "./next-scale.ts";
import type { Order } from "./order.ts";
import { type ScaleSchedule, scaleSchedules, squareScales } from "./scale-schedule.ts";
import { explain, hiddenBias, visibilityBias, visiblePairs } from "./visibility.ts";

const causal = (schedule: ScaleSchedule) =>
  nextScale(schedule, { attention: "block-causal", input: "reconstruction" });
const diagonal = (schedule: ScaleSchedule) =>
  nextScale(schedule, { attention: "block-diagonal", input: "reconstruction" });

const threeTokens: Order = {
  name: "raster",
  steps: [0, 1, 2].map((start) => ({
    start,
    count: 1,
    input: start === 0 ? "start" : "previous-map",
  })),
  tokenCount: 3,
  visible: (query, key) => key <= query,
};

test("block-causal attention has the pairs of the sheet at 256, 512 and 1024", () => {
  expect(visiblePairs(causal(scaleSchedules["256"]))).toBe(286_434);
  expect(visiblePairs(causal(scaleSchedules["512"]))).toBe(3_269_850);
  expect(visiblePairs(causal(scaleSchedules["1024"]))).toBe(56_954_392);
});

test("block-diagonal attention has the pairs of HMAR's sheet at 256, 512 and 1024", () => {
  expect(visiblePairs(diagonal(scaleSchedules["256"]))).toBe(110_468);
  expect(visiblePairs(diagonal(scaleSchedules["512"]))).toBe(1_522_100);
  expect(visiblePairs(diagonal(scaleSchedules["1024"]))).toBe(24_587_383);
});

test("the bias is 0 where visible and hides the rest", () => {
  const h = hiddenBias;
  expect([...visibilityBias(threeTokens)]).toEqual([0, h, h, 0, 0, h, 0, 0, 0]);
});

test("the bias of VAR at 256 has as many zeros as there are visible pairs", () => {
  const bias = visibilityBias(causal(scaleSchedules["256"]));
  expect(bias.length).toBe(462_400);
  expect(bias.reduce((zeros, value) => zeros + (value === 0 ? 1 : 0), 0)).toBe(286_434);
});

test("softmax of a hidden score is exactly 0 in float32, and the bias fits float16", () => {
  // query and key of unit length times exp(ln 100): the largest score of normalised attention
  const [hidden, visible] = [100 + hiddenBias, -100];
  expect(Math.fround(Math.exp(Math.fround(hidden - visible)))).toBe(0);
  expect(Math.abs(hiddenBias)).toBeLessThan(65_504);
});

test("explain shows what each step reads and sees", () => {
  expect(explain(causal(squareScales([1, 2, 3])))).toMatchInlineSnapshot(`
    "next-scale (block-causal): 14 tokens in 3 steps, 147 of 196 pairs visible
    step  positions  tokens  reads           sees steps
    0     0          1       start           0
    1     1-4        4       reconstruction  0-1
    2     5-13       9       reconstruction  0-2"
  `);
});

test("explain marks steps that are seen in part", () => {
  const order: Order = {
    name: "windowed",
    steps: [
      { start: 0, count: 2, input: "start" },
      { start: 2, count: 2, input: "previous-map" },
    ],
    tokenCount: 4,
    visible: (query, key) => key <= query && query - key < 3,
  };
  expect(explain(order)).toMatchInlineSnapshot(`
    "windowed: 4 tokens in 2 steps, 9 of 16 pairs visible
    step  positions  tokens  reads         sees steps
    0     0-1        2       start         0~
    1     2-3        2       previous-map  0-1~"
  `);
});
