/** Every op, forward and gradient, on WebGPU: the CPU's values, and no node left to the CPU. */

import { describe, expect, it } from "vitest";
import { openDevice } from "../../src/runtime/device.ts";
import { cases } from "../ops/cases.ts";
import type { OpCase } from "../ops/op-case.ts";
import { largestError, runCase } from "../ops/run-case.ts";
import { hasVulkan } from "./software-vulkan.ts";

const cpu = await openDevice("cpu");
const gpu = hasVulkan ? await openDevice("webgpu") : cpu;

const runnable = cases.filter(({ webgpuMissing }) => !webgpuMissing);

describe.skipIf(!hasVulkan)("WebGPU gives the values and gradients of the CPU", () => {
  it.each(runnable.map((test) => [test.name, test] as const))("%s", async (_, test: OpCase) => {
    const options = { gradients: true, noFallback: !test.webgpuFallback };
    const wanted = await runCase(cpu, test, { gradients: true });
    const found = await runCase(gpu, test, options);
    for (const [name, { data, dims }] of Object.entries(wanted)) {
      expect([...found[name]!.dims]).toEqual([...dims]);
      expect(largestError(found[name]!.data, data)).toBeLessThan(test.webgpuTolerance ?? 1e-4);
    }
  });

  const fallbacks = cases.filter(({ webgpuFallback }) => webgpuFallback);

  it.each(fallbacks.map((test) => [test.name, test] as const))(
    "%s does need the CPU, as its case says",
    async (_, test) => {
      await expect(runCase(gpu, test, { gradients: true, noFallback: true })).rejects.toThrow(
        /fallback to CPU EP/i,
      );
    },
  );
});
