/** Every op, forward and gradient: the CPU's values, and no node left to the CPU. */
import { describe, expect, it } from "vitest";
import type { Device } from "../../src/runtime/device.ts";
import { cases } from "../ops/cases.ts";
import type { OpCase } from "../ops/op-case.ts";
import { largestError, runCase } from "../ops/run-case.ts";

const named = (tests: readonly OpCase[]) => tests.map((test) => [test.name, test] as const);

export function opsSuite(cpu: Device, gpu: Device): void {
  describe("gives the values and gradients of the CPU", { timeout: 120_000 }, () => {
    const runnable = cases.filter(({ webgpuMissing }) => !webgpuMissing);

    it.each(named(runnable))("%s", async (_, test) => {
      const wanted = await runCase(cpu, test, { gradients: true });
      const noFallback = !test.webgpuFallback;
      const found = await runCase(gpu, test, { gradients: true, noFallback });
      for (const [name, { data, dims }] of Object.entries(wanted)) {
        expect([...found[name]!.dims]).toEqual([...dims]);
        expect(largestError(found[name]!.data, data)).toBeLessThan(test.webgpuTolerance ?? 1e-4);
      }
    });
  });

  describe("does need the CPU where a case says so", () => {
    const partly = cases.filter(({ webgpuFallback }) => webgpuFallback);

    it.each(named(partly))("%s", async (_, test) => {
      const run = runCase(gpu, test, { gradients: true, noFallback: true });
      await expect(run).rejects.toThrow(/fallback to CPU EP/i);
    });
  });
}
