import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { brokenLaws } from "./conformance.ts";
import { levels, type NextScaleOptions, nextScale } from "./next-scale.ts";
import type { Order } from "./order.ts";
import { scaleSchedules, squareScales } from "./scale-schedule.ts";

const causal: NextScaleOptions = { attention: "block-causal", input: "reconstruction" };
const diagonal: NextScaleOptions = { attention: "block-diagonal", input: "reconstruction" };

function keysSeenBy(order: Order, query: number): number {
  let seen = 0;
  for (let key = 0; key < order.tokenCount; key++) if (order.visible(query, key)) seen++;
  return seen;
}

const anySchedule = fc
  .uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })
  .map((sides) => squareScales(sides.sort((a, b) => a - b)));

test("orders of any schedule obey the laws of orders", () => {
  const options = fc.constantFrom(causal, diagonal);
  const property = fc.property(anySchedule, options, (schedule, chosen) => {
    expect(brokenLaws(nextScale(schedule, chosen))).toEqual([]);
  });
  fc.assert(property, { seed: 2, numRuns: 40 });
});

test("VAR's order at 256 obeys the laws of orders", () => {
  expect(brokenLaws(nextScale(scaleSchedules["256"], causal))).toEqual([]);
  expect(brokenLaws(nextScale(scaleSchedules["256"], diagonal))).toEqual([]);
});

test("VAR at 256 takes ten steps over 680 positions", () => {
  const order = nextScale(scaleSchedules["256"], causal);
  expect(order.tokenCount).toBe(680);
  expect(order.steps.map(({ count }) => count)).toEqual([1, 4, 9, 16, 25, 36, 64, 100, 169, 256]);
  expect(order.steps.map(({ start }) => start)).toEqual([0, 1, 5, 14, 30, 55, 91, 155, 255, 424]);
});

test("the first step reads the start token and all others the chosen input", () => {
  const inputs = (input: "reconstruction" | "previous-map") =>
    nextScale(squareScales([1, 2, 3]), { attention: "block-causal", input }).steps.map(
      (step) => step.input,
    );
  expect(inputs("reconstruction")).toEqual(["start", "reconstruction", "reconstruction"]);
  expect(inputs("previous-map")).toEqual(["start", "previous-map", "previous-map"]);
});

test("block-causal: the first row sees one key and the last 256 rows see all 680", () => {
  const order = nextScale(scaleSchedules["256"], causal);
  expect(keysSeenBy(order, 0)).toBe(1);
  for (let query = 424; query < 680; query++) expect(keysSeenBy(order, query)).toBe(680);
});

test("block-causal: a token sees its own map in both directions and no finer one", () => {
  const order = nextScale(squareScales([1, 2, 3]), causal);
  expect(order.visible(1, 4)).toBe(true);
  expect(order.visible(4, 1)).toBe(true);
  expect(order.visible(4, 5)).toBe(false);
  expect(order.visible(5, 4)).toBe(true);
});

test("block-diagonal: a token sees its own map only", () => {
  const order = nextScale(squareScales([1, 2, 3]), diagonal);
  for (const [query, level] of levels(order).entries()) {
    for (const [key, other] of levels(order).entries()) {
      expect(order.visible(query, key)).toBe(level === other);
    }
  }
});

test("levels count the maps", () => {
  const order = nextScale(squareScales([1, 2, 3]), causal);
  expect([...levels(order)]).toEqual([0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
});

test("one map alone is one-shot parallel prediction", () => {
  const order = nextScale(squareScales([16]), causal);
  expect(order.steps).toEqual([{ start: 0, count: 256, input: "start" }]);
  expect(keysSeenBy(order, 0)).toBe(256);
});

test("a schedule that shrinks is refused", () => {
  expect(() => nextScale(squareScales([2, 1]), causal)).toThrow(ConfigError);
});
