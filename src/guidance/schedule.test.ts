import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import {
  constant,
  cosine,
  type GuidanceSchedule,
  guidanceAt,
  isGuided,
  linearRamp,
  perStep,
  revealed,
  step,
  withScale,
} from "./schedule.ts";

const scales = (schedule: GuidanceSchedule, steps: number) =>
  Array.from({ length: steps }, (_, k) => guidanceAt(schedule, k, steps));

test("constant is the same at every step", () => {
  expect(scales(constant(3), 4)).toEqual([3, 3, 3, 3]);
});

test("a linear ramp goes from the first to the last step in equal steps", () => {
  expect(scales(linearRamp({ from: 1, to: 3 }), 5)).toEqual([1, 1.5, 2, 2.5, 3]);
});

test("VAR's cfg t leaves the first scale unguided and gives only the last in full", () => {
  const ramp = scales(linearRamp({ from: 1, to: 1 + 1.5 }), 10);
  expect(ramp[0]).toBe(1);
  expect(ramp[9]).toBe(2.5);
  expect(Math.max(...ramp.slice(0, 9))).toBeLessThan(2.5);
});

test("VAR's formula with t = cfg·r is this scale", () => {
  const value = fc.double({ min: -5, max: 5, noNaN: true });
  const step10 = fc.integer({ min: 0, max: 9 });
  const property = fc.property(value, value, value, step10, (cfg, c, u, k) => {
    const t = (cfg * k) / 9;
    const s = guidanceAt(linearRamp({ from: 1, to: 1 + cfg }), k, 10);
    expect(u + s * (c - u)).toBeCloseTo((1 + t) * c - t * u, 9);
  });
  fc.assert(property, { seed: 3 });
});

test("cfg 0 is conditional only", () => {
  const off = linearRamp({ from: 1, to: 1 });
  expect(scales(off, 10)).toEqual(Array(10).fill(1));
  expect(isGuided(off, 10)).toBe(false);
  expect(isGuided(linearRamp({ from: 1, to: 2.5 }), 10)).toBe(true);
});

test("a ramp over fewer steps runs on past its end", () => {
  const ramp = scales(linearRamp({ from: 1, to: 2, over: 2 }), 5);
  expect(ramp).toEqual([1, 1.5, 2, 2.5, 3]);
  expect(scales(linearRamp({ from: 1, to: 3, over: 9 }), 5)).toEqual([1, 1.5, 2, 2.5, 3]);
});

test("cosine meets both ends and their mean halfway", () => {
  const ramp = scales(cosine({ from: 1, to: 5 }), 3);
  expect(ramp[0]).toBe(1);
  expect(ramp[1]).toBeCloseTo(3, 12);
  expect(ramp[2]).toBe(5);
});

test("step jumps at its progress", () => {
  expect(scales(step({ from: 1, to: 4, at: 0.5 }), 5)).toEqual([1, 1, 4, 4, 4]);
});

test("a listed scale is the step's own", () => {
  expect(scales(perStep([1, 2, 4]), 3)).toEqual([1, 2, 4]);
});

test("a list of another length is refused", () => {
  expect(() => guidanceAt(perStep([1, 2]), 0, 3)).toThrow(ConfigError);
  expect(() => guidanceAt(perStep([1, 2]), 0, 3)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: guidance: expected one scale for each of 3 steps, got 2 scales]`,
  );
});

test("a single step gets the full scale", () => {
  expect(guidanceAt(linearRamp({ from: 1, to: 2.5 }), 0, 1)).toBe(2.5);
  expect(guidanceAt(cosine({ from: 1, to: 2.5 }), 0, 1)).toBe(2.5);
  expect(guidanceAt(step({ from: 1, to: 2.5, at: 0.5 }), 0, 1)).toBe(2.5);
});

test("ramps stay between their ends and never turn back", () => {
  const end = fc.double({ min: 0, max: 10, noNaN: true });
  const steps = fc.integer({ min: 1, max: 20 });
  const property = fc.property(end, end, steps, (from, to, count) => {
    for (const schedule of [linearRamp({ from, to }), cosine({ from, to })]) {
      const values = scales(schedule, count).map((value) => (to >= from ? value : -value));
      expect(values).toEqual([...values].sort((a, b) => a - b));
      expect(guidanceAt(schedule, count - 1, count)).toBe(to);
    }
  });
  fc.assert(property, { seed: 4 });
});

test("schedules survive JSON", () => {
  const schedule = linearRamp({ from: 1, to: 2.5 });
  expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
});

test("a revealed schedule grows with the share of known tokens, and never reaches its end", () => {
  const one = new Array(256).fill(1);
  const at = (k: number) => guidanceAt(revealed(3), k, 256, one);
  expect(at(0)).toBeCloseTo(1.0078, 4);
  expect(at(255)).toBeCloseTo(2.9922, 4);
  const counts = [5, 15, 24, 31, 39, 45, 48, 49];
  const all = counts.map((_, k) => guidanceAt(revealed(3), k, 8, counts));
  expect(all[2]).toBe(1 + (2 * (5 + 15 + 24)) / 256);
  expect(all.at(-1)).toBe(1 + (2 * 255) / 256);
});

test("a revealed schedule to 1 is no guidance", () => {
  expect(isGuided(revealed(1), 8)).toBe(false);
  expect(isGuided(revealed(2), 1)).toBe(true);
  expect(withScale(revealed(3), 2)).toEqual(revealed(2));
});
