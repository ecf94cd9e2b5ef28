import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import {
  offsets,
  requireSchedule,
  scaleSchedules,
  squareScales,
  tokenCount,
} from "./scale-schedule.ts";

test("the named schedules have the token counts of the released models", () => {
  expect(tokenCount(scaleSchedules["256"])).toBe(680);
  expect(tokenCount(scaleSchedules["512"])).toBe(2240);
  expect(tokenCount(scaleSchedules["1024"])).toBe(9451);
  expect(Object.values(scaleSchedules).map((schedule) => schedule.length)).toEqual([10, 10, 14]);
});

test("offsets are the cumulative token counts of the sheet", () => {
  expect(offsets(scaleSchedules["256"])).toEqual([0, 1, 5, 14, 30, 55, 91, 155, 255, 424, 680]);
  expect(offsets(scaleSchedules["512"])).toEqual([0, 1, 5, 14, 30, 66, 147, 316, 640, 1216, 2240]);
});

test("the named schedules are valid and end in the latent of a 16-fold tokenizer", () => {
  for (const [pixels, schedule] of Object.entries(scaleSchedules)) {
    const side = Number(pixels) / 16;
    requireSchedule(schedule, { latent: { height: side, width: side } });
  }
});

test("the last offset is the token count, and each step between offsets is one map", () => {
  const size = fc.record({
    height: fc.integer({ min: 1, max: 40 }),
    width: fc.integer({ min: 1, max: 40 }),
  });
  const property = fc.property(fc.array(size, { maxLength: 12 }), (schedule) => {
    const starts = offsets(schedule);
    expect(starts.at(-1)).toBe(tokenCount(schedule));
    for (const [k, { height, width }] of schedule.entries()) {
      expect(starts[k + 1]! - starts[k]!).toBe(height * width);
    }
  });
  fc.assert(property, { seed: 1 });
});

test("wide maps may keep one side of the map before", () => {
  const wide = [
    { height: 1, width: 1 },
    { height: 1, width: 2 },
    { height: 2, width: 3 },
  ];
  expect(() => requireSchedule(wide, { latent: { height: 2, width: 3 } })).not.toThrow();
});

test("one map alone is a schedule", () => {
  expect(() => requireSchedule(squareScales([16]))).not.toThrow();
});

test("every fault of a schedule is named in one line", () => {
  const check = () =>
    requireSchedule(squareScales([1, 3, 2, 2.5]), {
      where: "model.scales",
      latent: { height: 8, width: 8 },
    });
  expect(check).toThrow(ConfigError);
  expect(check).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: model.scales: expected growing sizes that end in 8×8, got 1×1 3×3 2×2 2.5×2.5. Map 2 (2×2) does not grow from 3×3; Map 3 (2.5×2.5) is no whole size; The last map must be as large as the latent, 8×8.]`,
  );
});

test("an empty schedule is refused", () => {
  expect(() => requireSchedule([])).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: scales: expected growing sizes, got none. At least one map is needed.]`,
  );
});
