import { expect, test } from "vitest";
import { random } from "../random/random.ts";
import { marMaskRatios, maskedCount, maskRatio } from "./masking.ts";

test("ratios are those of a normal distribution cut at 0.7 and 1", () => {
  const draws = random(1, "ratios");
  const ratios = Array.from({ length: 20_000 }, () => maskRatio(marMaskRatios, draws));
  expect(Math.min(...ratios)).toBeGreaterThanOrEqual(0.7);
  expect(Math.max(...ratios)).toBeLessThanOrEqual(1);
  const mean = ratios.reduce((sum, x) => sum + x, 0) / ratios.length;
  // the truncated distribution's own mean, with four standard errors of its deviation
  expect(Math.abs(mean - 0.867)).toBeLessThan(4 * (0.083 / Math.sqrt(ratios.length)) + 5e-4);
});

test("counts are rounded up, so that a ratio above 0 hides something", () => {
  expect([0.7, 0.71, 1].map((ratio) => maskedCount(16, ratio))).toEqual([12, 12, 16]);
  expect(maskedCount(16, 0.01)).toBe(1);
});
