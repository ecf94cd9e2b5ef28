import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { nextScale } from "../orders/next-scale.ts";
import type { Order } from "../orders/order.ts";
import { squareScales } from "../orders/scale-schedule.ts";
import { keepAll, keepLast, keepNone, kept } from "./policy.ts";

/** The earlier steps that the order lets a step see. */
function shownBefore(order: Order, index: number): number[] {
  const query = order.steps[index]!.start;
  return order.steps.flatMap(({ start }, k) =>
    k < index && order.visible(query, start) ? [k] : [],
  );
}

test("keepAll keeps every earlier step", () => {
  expect([0, 1, 3].map((index) => kept(keepAll(), index))).toEqual([[], [0], [0, 1, 2]]);
});

test("keepNone keeps nothing", () => {
  expect([0, 1, 3].map((index) => kept(keepNone(), index))).toEqual([[], [], []]);
});

test("keepLast keeps the last steps", () => {
  expect([0, 1, 2, 5].map((index) => kept(keepLast(2), index))).toEqual([[], [0], [0, 1], [3, 4]]);
});

test("keepLast of nothing is keepNone, and of enough is keepAll", () => {
  const property = fc.property(fc.nat(30), (index) => {
    expect(kept(keepLast(0), index)).toEqual(kept(keepNone(), index));
    expect(kept(keepLast(index), index)).toEqual(kept(keepAll(), index));
  });
  fc.assert(property, { seed: 5 });
});

test("keepAll keeps what block-causal attention shows, keepNone what block-diagonal shows", () => {
  const schedule = squareScales([1, 2, 3, 4]);
  const causal = nextScale(schedule, { attention: "block-causal", input: "reconstruction" });
  const diagonal = nextScale(schedule, { attention: "block-diagonal", input: "reconstruction" });
  for (const index of schedule.keys()) {
    expect(kept(keepAll(), index)).toEqual(shownBefore(causal, index));
    expect(kept(keepNone(), index)).toEqual(shownBefore(diagonal, index));
  }
});

test("a count that is no number of steps is refused", () => {
  expect(() => keepLast(-1)).toThrow(ConfigError);
  expect(() => keepLast(1.5)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: keepLast: expected a whole number of steps, 0 or more, got 1.5]`,
  );
});
