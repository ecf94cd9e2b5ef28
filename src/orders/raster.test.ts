import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { brokenLaws } from "./conformance.ts";
import { raster } from "./raster.ts";
import { visiblePairs } from "./visibility.ts";

const side = fc.integer({ min: 1, max: 8 });

test("rasters of any grid obey the laws of orders", () => {
  const property = fc.property(side, side, (height, width) => {
    expect(brokenLaws(raster({ height, width }))).toEqual([]);
  });
  fc.assert(property, { seed: 3, numRuns: 30 });
});

test("a grid of 16×16 takes 256 steps of one token", () => {
  const { steps, tokenCount } = raster({ height: 16, width: 16 });
  expect(tokenCount).toBe(256);
  expect(steps.map(({ start }) => start)).toEqual(Array.from({ length: 256 }, (_, i) => i));
  expect(steps.every(({ count }) => count === 1)).toBe(true);
});

test("the first step reads the start token and all others the token before", () => {
  const inputs = raster({ height: 2, width: 2 }).steps.map(({ input }) => input);
  expect(inputs).toEqual(["start", "previous-token", "previous-token", "previous-token"]);
});

test("a token sees itself and all before it", () => {
  const order = raster({ height: 3, width: 4 });
  expect(visiblePairs(order)).toBe((12 * 13) / 2);
  expect(order.visible(5, 5)).toBe(true);
  expect(order.visible(5, 6)).toBe(false);
});

test("a grid without cells is refused", () => {
  expect(() => raster({ height: 0, width: 4 })).toThrow(ConfigError);
});
