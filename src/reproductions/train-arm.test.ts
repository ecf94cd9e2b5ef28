import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import type { Batch } from "../data/batches.ts";
import { squareScales } from "../orders/scale-schedule.ts";
import { openDevice } from "../runtime/device.ts";
import { varSystem } from "../systems/var.ts";
import type { SeedContext } from "./reproduction.ts";
import { heldOutScenes, sceneBatches, shapeLabels } from "./scene-batches.ts";
import { type ArmOptions, trainArm } from "./train-arm.ts";

const device = await openDevice("cpu");

const tokenizer = {
  channels: 8,
  multipliers: [1, 1],
  encoderBlocks: 1,
  decoderBlocks: 1,
  latentChannels: 4,
  groups: 4,
  patchSize: 2,
  attention: false,
  codebookSize: 16,
  phiSharing: 2,
  scales: squareScales([1, 2]),
};

const sizes = { size: 8, batchSize: 2, tokenizerSteps: 2, modelSteps: 4, measurements: 2 };

/** An arm that counts its measurements instead of drawing. */
function arm(): ArmOptions & { readonly drawn: string[][] } {
  const drawn: string[][] = [];
  return {
    drawn,
    name: "tiny",
    tokenizer,
    learningRate: 1e-3,
    compose: (classes) => {
      const conditioning = { kind: "classes", classes } as const;
      const own = { depth: 1, width: 8, heads: 2, sharedModulation: false, gainInit: 0.1 } as const;
      return varSystem.compose({ ...own, queryKeyNorm: "none", conditioning, tokenizer }, {});
    },
    draw: async (_, parameters) => {
      drawn.push([...parameters.keys()]);
      return {
        distance: 10 - drawn.length,
        milliseconds: 5,
        pictures: [...heldOutScenes(2, 8)],
      };
    },
  };
}

function context(folder: string, signal = new AbortController().signal): SeedContext {
  return { device, quick: true, seed: 1, folder, signal, onProgress: () => undefined };
}

describe("trainArm", () => {
  it("measures on the way and at the end, with all parameters that drawing takes", async () => {
    await withFolder(async (folder) => {
      const own = arm();
      const shares: number[] = [];
      const result = await trainArm(context(folder), sizes, own, (share) => shares.push(share));
      expect(result.curve).toEqual([
        { step: 2, value: 9 },
        { step: 4, value: 8 },
      ]);
      expect(result.values).toEqual({ distance: 8, milliseconds: 5 });
      expect(own.drawn[0]).toContain("tokenizer.quantizer.codebook");
      expect(own.drawn[0]!.some((path) => path.startsWith("blocks.0."))).toBe(true);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares.at(-1)).toBe(1);
    });
  });

  it("goes on where it was stopped", async () => {
    await withFolder(async (folder) => {
      const stop = new AbortController();
      const first = trainArm(context(folder, stop.signal), sizes, arm(), (share) => {
        if (share > 0.8) stop.abort(new Error("stopped"));
      });
      await expect(first).rejects.toThrow("stopped");
      const own = arm();
      const shares: number[] = [];
      const result = await trainArm(context(folder), sizes, own, (share) => shares.push(share));
      expect(result.curve!.map(({ step }) => step)).toEqual([2, 4]);
      expect(shares).toEqual([1]);
      const again = await trainArm(context(folder), sizes, arm(), () => undefined);
      expect(again.curve!.map(({ step }) => step)).toEqual([2, 4]);
    });
  });
});

describe("sceneBatches", () => {
  it("depend on seed and step alone", async () => {
    const options = { seed: 3, size: 8, batchSize: 4 };
    const first = async (seed: number, step: number): Promise<Batch> =>
      (await sceneBatches({ ...options, seed }, step).next()).value!;
    const all = sceneBatches(options, 0);
    await all.next();
    const second = await first(3, 1);
    expect((await all.next()).value).toEqual(second);
    expect(second.labels).toEqual(Array.from(second.indices, (i) => shapeLabels[i]));
    expect((await first(4, 1)).pixels).not.toEqual(second.pixels);
  });

  it("name shapes whose labels are the first of the scenes", () => {
    expect(shapeLabels).toHaveLength(64);
    expect(shapeLabels[0]).toBe("red disc");
  });
});
