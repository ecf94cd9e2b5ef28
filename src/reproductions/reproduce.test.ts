import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { resultSchema } from "../catalogue/results.ts";
import { blankPicture } from "../images/picture.ts";
import type { Device } from "../runtime/device.ts";
import { claimPlot } from "./claim-plot.ts";
import { reproductionsMarkdown } from "./markdown.ts";
import { type ReproduceOptions, reproduce } from "./reproduce.ts";
import type { Arm, Reproduction } from "./reproduction.ts";

/** The system takes a tenth of the baseline's time, and its error is lower by 1. */
function fake(
  setting: { steps: number } = { steps: 5 },
): Reproduction & { readonly ran: number[] } {
  const ran: number[] = [];
  const arm = (time: number, error: number): Arm => ({
    values: { time, error },
    curve: [{ step: setting.steps, value: error }],
    pictures: [blankPicture(4, 4)],
  });
  return {
    ran,
    system: "var",
    claim: "It is faster and better.",
    source: "abstract",
    baseline: "raster",
    measures: [
      { name: "time", unit: "ms", claimed: "lower", compared: "ratio" },
      { name: "error", unit: "", claimed: "lower", compared: "difference" },
    ],
    curve: "error",
    setting: (quick) => ({ ...setting, quick: String(quick) }),
    run: async ({ seed }) => {
      ran.push(seed);
      return { baseline: arm(100 + seed, 3 + seed), system: arm(10 + seed / 10, 2 + seed) };
    },
  };
}

function options(folder: string, changed: Partial<ReproduceOptions> = {}): ReproduceOptions {
  const device = { name: "cpu" } as Device;
  const { signal } = new AbortController();
  return { device, seeds: [1, 2, 3], quick: false, folder, signal, ...changed };
}

describe("reproduce", () => {
  it("records values, effects and verdicts over the seeds", async () => {
    await withFolder(async (folder) => {
      const record = await reproduce(fake(), options(folder));
      expect(resultSchema.parse(record)).toEqual(record);
      expect(record.measures[0]).toMatchObject({ baseline: [101, 102, 103], verdict: "shown" });
      expect(record.measures[0]!.effect.value).toBeCloseTo(0.1, 12);
      expect(record.measures[1]!.effect).toMatchObject({ value: -1, low: -1, high: -1 });
      expect(record.verdict).toBe("shown");
      expect(record.curve).toEqual({
        name: "error",
        points: [{ step: 5, baseline: 5, measured: 4 }],
      });
      expect(existsSync(join(folder, "seed-3", "system.png"))).toBe(true);
    });
  });

  it("goes on where an earlier run of the same setting was stopped", async () => {
    await withFolder(async (folder) => {
      const stop = new AbortController();
      const first = fake();
      const run = reproduce(
        first,
        options(folder, {
          signal: stop.signal,
          onProgress: (done) => done === 2 && stop.abort(new Error("stopped")),
        }),
      );
      await expect(run).rejects.toThrow("stopped");
      const second = fake();
      const record = await reproduce(second, options(folder));
      expect([first.ran, second.ran]).toEqual([[1, 2], [3]]);
      expect(record.measures[1]!.measured).toEqual([3, 4, 5]);
    });
  });

  it("measures anew what was measured with another setting, or is damaged", async () => {
    await withFolder(async (folder) => {
      await reproduce(fake(), options(folder));
      const other = fake({ steps: 6 });
      await reproduce(other, options(folder));
      expect(other.ran).toEqual([1, 2, 3]);
      await writeFile(join(folder, "seed-2", "outcome.json"), "{");
      const damaged = fake({ steps: 6 });
      await reproduce(damaged, options(folder));
      expect(damaged.ran).toEqual([2]);
    });
  });

  it("makes a page and a plot of the record", async () => {
    await withFolder(async (folder) => {
      const record = await reproduce(fake(), options(folder));
      const page = reproductionsMarkdown([record]);
      expect(page).toContain("| [var](#var) | It is faster and better. | **shown** |");
      expect(page).toContain(
        "| time, ms | 101, 102, 103 | 10.1, 10.2, 10.3 | × 0.1 (0.1 to 0.1) |",
      );
      expect(page).toContain("Setting: steps 5; quick false.");
      expect(JSON.stringify(claimPlot(record))).toContain("training steps");
      expect(JSON.stringify(claimPlot({ ...record, curve: null }))).toContain('"time"');
    });
  });
});
