import { expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import type { Device } from "../runtime/device.ts";
import { seedOutcome } from "./outcome.ts";
import type { Arm, Reproduction, SeedContext } from "./reproduction.ts";

const arm: Arm = { values: { time: 1 }, pictures: [] };

it("minutes are those of all parts of a run that was stopped", async () => {
  await withFolder(async (folder) => {
    let parts = 0;
    const reproduction: Reproduction = {
      system: "var",
      claim: "It is faster.",
      source: "abstract",
      baseline: "raster",
      measures: [{ name: "time", unit: "ms", claimed: "lower", compared: "ratio" }],
      setting: () => ({}),
      run: async () => {
        if (++parts === 2) return { baseline: arm, system: arm };
        await new Promise((resolve) => setTimeout(resolve, 200));
        throw new Error("stopped");
      },
    };
    const { signal } = new AbortController();
    const device = { name: "cpu" } as Device;
    const onProgress = () => {};
    const context: SeedContext = { device, quick: false, seed: 1, folder, signal, onProgress };
    await expect(seedOutcome(reproduction, context)).rejects.toThrow("stopped");
    const { minutes } = await seedOutcome(reproduction, context);
    // the second part takes no time, and timers may be early by a millisecond
    expect(60_000 * minutes).toBeGreaterThan(195);
    expect(60_000 * minutes).toBeLessThan(60_000);
  });
});
