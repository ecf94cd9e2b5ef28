import { describe, expect, it } from "vitest";
import { inWords, settingsDifference } from "./settings-difference.ts";

const json = JSON.stringify;

describe("settings", () => {
  it("are equal whatever the order of their fields", () => {
    expect(settingsDifference(json({ a: 1, b: [2] }), json({ b: [2], a: 1 }))).toEqual([]);
  });

  it("differ by path, in fields that one of them lacks too", () => {
    const before = json({ name: "x", plan: { steps: 100, seed: 1 }, scales: [1, 2] });
    const now = json({ name: "x", plan: { steps: 200 }, scales: [1, 3] });
    expect(inWords(settingsDifference(before, now))).toBe(
      "plan.steps 100 instead of 200, scales.1 2 instead of 3, plan.seed 1 instead of nothing",
    );
  });

  it("are told in at most four differences", () => {
    const before = json([1, 2, 3, 4, 5, 6]);
    expect(inWords(settingsDifference(before, json([])))).toMatch(/^0 1 .*, and 2 more$/);
  });

  it("differ as a whole where they are no JSON", () => {
    expect(settingsDifference("a", "b")).toEqual([{ path: "settings", before: "a", now: "b" }]);
  });
});
