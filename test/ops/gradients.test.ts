/** Every gradient rule against central differences, on the CPU. */
import { describe, expect, it } from "vitest";
import { openDevice } from "../../src/runtime/device.ts";
import { cases, withoutGradient } from "./cases.ts";
import { gradientError } from "./gradient-check.ts";
import { opRecords } from "./op-records.ts";
import { hasGradient } from "./run-case.ts";

const device = await openDevice("cpu");
const records = await opRecords();

describe("ops", () => {
  const tested = new Set(cases.map(({ op }) => op));

  it.each([...records])("%s has a case", (_, op) => {
    expect(tested).toContain(op);
  });

  it("lack a gradient only where that is declared with a reason", () => {
    const lacking = [...records].filter(([, { gradient }]) => gradient === null);
    const declared = [...records].filter(([, op]) => withoutGradient.has(op));
    expect(lacking.map(([name]) => name)).toEqual(declared.map(([name]) => name));
  });

  it("have a gradient that some case checks", () => {
    const checked = new Set(cases.filter(hasGradient).map(({ op }) => op));
    const unchecked = [...records].filter(([, op]) => op.gradient && !checked.has(op));
    expect(unchecked.map(([name]) => name)).toEqual([]);
  });
});

describe("the gradient is the central difference along a random direction", () => {
  it.each(cases.filter(hasGradient).map((test) => [test.name, test] as const))(
    "%s",
    async (name, test) => {
      expect(await gradientError(device, name, test)).toBeLessThan(1e-3);
    },
  );
});
