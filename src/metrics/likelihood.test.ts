import { expect, test } from "vitest";
import { bitsPerDimension, bitsPerPicture, tokenPerplexity } from "./likelihood.ts";

test("an untrained even model of 256 levels takes 8 bits per dimension", () => {
  const dimensions = 32 * 32 * 3;
  expect(bitsPerDimension(dimensions * Math.log(256), { dimensions })).toBeCloseTo(8, 12);
});

test("a density on [-1, 1] counts the width of its levels", () => {
  // an even density on a width of 2 is 1/2: ln 2 nats a value, and each level is 2/256 wide
  const dimensions = 10;
  const nats = dimensions * Math.log(2);
  expect(bitsPerDimension(nats, { dimensions, levelsWidth: 2 })).toBeCloseTo(8, 12);
});

test("tokens are measured by picture, and by the even choice that is as hard", () => {
  expect(bitsPerPicture(Math.log(4096), 256)).toBeCloseTo(12 * 256, 9);
  expect(tokenPerplexity(Math.log(4096))).toBeCloseTo(4096, 8);
});
