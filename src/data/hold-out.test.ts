import fc from "fast-check";
import { expect, test } from "vitest";
import { isOnSide } from "./hold-out.ts";

const share = 0.15;
const names = Array.from({ length: 4000 }, (_, i) => `picture-${i}.png`);

test("every file lies on exactly one side, wherever its folder is", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (s, part) => {
        const held = isOnSide(s, { share: part, part: "held" });
        expect(isOnSide(s, { share: part, part: "rest" })).toBe(!held);
        expect(isOnSide(`some/folder/${s}`, { share: part, part: "held" })).toBe(held);
      },
    ),
    { seed: 1 },
  );
});

test("about the share of the files is kept apart, and more files change nothing", () => {
  const held = names.filter((name) => isOnSide(name, { share, part: "held" }));
  const deviation = Math.sqrt(names.length * share * (1 - share));
  expect(Math.abs(held.length - share * names.length)).toBeLessThan(4 * deviation);
  const larger = names.filter((name) => isOnSide(name, { share: 0.3, part: "held" }));
  expect(larger).toEqual(expect.arrayContaining(held));
});

test("a share of 0 keeps nothing apart, one of 1 everything", () => {
  for (const name of names.slice(0, 50)) {
    expect(isOnSide(name, { share: 0, part: "held" })).toBe(false);
    expect(isOnSide(name, { share: 1, part: "held" })).toBe(true);
  }
});
