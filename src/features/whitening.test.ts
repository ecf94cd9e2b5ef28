import { expect, test } from "vitest";
import { random } from "../random/random.ts";
import { whitening } from "./whitening.ts";

const count = 24;
const weights = whitening([count, 3, 3, 3], random("filters"));
const filter = (i: number) => [...weights.subarray(27 * i, 27 * i + 27)];
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, k) => sum + value * b[k]!, 0);

test("filters are orthogonal, but for each one's opposite", () => {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const cosine =
        dot(filter(i), filter(j)) / Math.hypot(...filter(i)) / Math.hypot(...filter(j));
      expect(cosine).toBeCloseTo(i === (j ^ 1) ? -1 : 0, 5);
    }
  }
});

test("only the first pair answers to grey, and grey alone does not reach the others", () => {
  const grey = Array.from({ length: 27 }, () => 1);
  expect(dot(filter(0), grey)).toBeGreaterThan(1);
  for (let i = 2; i < count; i++) expect(dot(filter(i), grey)).toBeCloseTo(0, 5);
});

test("what is rarer is made stronger", () => {
  const strength = (i: number) => Math.hypot(...filter(2 * i));
  for (let i = 1; i < count / 2; i++) expect(strength(i)).toBeGreaterThan(strength(i - 1));
});

test("more channels than components are filled at random, differently", () => {
  const many = whitening([40, 3, 3, 3], random("filters"));
  expect(new Set(many).size).toBeGreaterThan(10 * 27);
  expect([...many.subarray(0, 27 * count)]).toEqual([...weights]);
});
