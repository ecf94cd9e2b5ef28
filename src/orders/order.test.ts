import { expect, test } from "vitest";
import { levels, type Order } from "./order.ts";

test("the level of a position is the step that predicts it", () => {
  const order: Order = {
    name: "three steps",
    steps: [
      { start: 0, count: 1, input: "start" },
      { start: 1, count: 3, input: "previous-map" },
      { start: 4, count: 2, input: "previous-map" },
    ],
    tokenCount: 6,
    visible: () => true,
  };
  expect(levels(order)).toEqual(Int32Array.of(0, 1, 1, 1, 2, 2));
});
