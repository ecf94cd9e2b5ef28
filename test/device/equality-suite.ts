/**
 * Every base and every kind of tokenizer on two devices: one training step, and a picture from its
 * first token to its last, at the sizes of the conformance suites.
 */
import { describe, expect, it } from "vitest";
import type { Device } from "../../src/runtime/device.ts";
import { drawAll, openSampler } from "../conformance/drawing.ts";
import { compose, ofCodes, type TinySystem, wildModel } from "../conformance/tiny-systems.ts";
import { largestError } from "../ops/run-case.ts";
import { baseSystems, stepCases, takeStep } from "./base-steps.ts";

export function equalitySuite(cpu: Device, gpu: Device): void {
  describe("takes the CPU's training step", { timeout: 600_000 }, () => {
    it.each(stepCases.map((one) => [one.name, one] as const))("of %s", async (_, one) => {
      const wanted = await takeStep(cpu, one);
      const found = await takeStep(gpu, one);
      expect(Number.isFinite(wanted.loss)).toBe(true);
      expect(Math.abs(found.loss / wanted.loss - 1)).toBeLessThan(1e-4);
      expect(Math.abs(found.gradientNorm / wanted.gradientNorm - 1)).toBeLessThan(1e-3);
      for (const [path, values] of wanted.parameters) {
        expect(largestError(found.parameters.get(path)!, values), path).toBeLessThan(1e-4);
      }
    });
  });

  describe("draws the CPU's picture", { timeout: 600_000 }, () => {
    it.each(baseSystems.map((one) => [one.name, one] as const))("of %s", async (_, system) => {
      const wanted = await draw(cpu, system);
      const found = await draw(gpu, system);
      // no ties here: an id differs only where two devices round a draw to different sides
      expect(found.ids).toEqual(wanted.ids);
      if (ofCodes(compose(system))) expect(wanted.ids.length).toBeGreaterThan(0);
      expect(largestError(found.pixels, wanted.pixels)).toBeLessThan(1e-3);
    });
  });
}

async function draw(device: Device, system: TinySystem) {
  const composition = compose(system);
  const sampler = await openSampler(device, composition, wildModel(composition));
  try {
    return await drawAll(sampler, { request: system.requests[0], seed: 7 });
  } finally {
    await sampler.close();
  }
}
