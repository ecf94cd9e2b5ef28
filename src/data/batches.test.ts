import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flatPng, withFolder, writeTree } from "../../test/data/fixtures.ts";
import { ConfigError, DataError } from "../errors.ts";
import type { Colour } from "../images/index.ts";
import { batchIndices, epochOf } from "./batch-indices.ts";
import { loadBatch } from "./batches.ts";
import { type Dataset, openDataset } from "./dataset.ts";

describe("batchIndices", () => {
  it("visits every example once per epoch, whatever the batch size", () => {
    const schedules = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      batchSize: fc.integer({ min: 1, max: 50 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(schedules, (schedule) => {
        const { count, batchSize } = schedule;
        const epochs = 3;
        const steps = Math.ceil((epochs * count) / batchSize);
        const visited = Array.from({ length: steps }, (_, step) => [
          ...batchIndices(schedule, step),
        ]).flat();
        for (let epoch = 0; epoch < epochs; epoch++) {
          const seen = visited.slice(epoch * count, (epoch + 1) * count).sort((a, b) => a - b);
          expect(seen).toEqual([...Array(count).keys()]);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("is a function of seed and step alone, and shuffles each epoch anew", () => {
    const schedule = { count: 20, batchSize: 20, seed: 3 };
    expect(batchIndices(schedule, 7)).toEqual(batchIndices(schedule, 7));
    expect(batchIndices(schedule, 7)).not.toEqual(batchIndices(schedule, 8));
    expect(batchIndices(schedule, 7)).not.toEqual(batchIndices({ ...schedule, seed: 4 }, 7));
  });

  it("cuts the same order into other batches when the batch size changes", () => {
    const order = (batchSize: number) =>
      Array.from({ length: 24 / batchSize }, (_, step) => [
        ...batchIndices({ count: 7, batchSize, seed: 1 }, step),
      ]).flat();
    expect(order(4)).toEqual(order(6));
  });

  it("tells the epoch of every place, also where a batch spans two", () => {
    const epochs = [0, 1, 2].flatMap((step) =>
      [0, 1, 2, 3].map((i) => epochOf({ count: 5, batchSize: 4 }, step, i)),
    );
    expect(epochs).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]);
  });

  it("keeps its values: a change would change every training run", () => {
    const indices = batchIndices({ count: 10, batchSize: 12, seed: 7 }, 1);
    expect([...indices]).toMatchInlineSnapshot(`
      [
        7,
        2,
        9,
        5,
        4,
        6,
        8,
        3,
        9,
        0,
        5,
        2,
      ]
    `);
  });

  it("refuses sizes that make no sense, all at once", () => {
    expect(() => batchIndices({ count: 0, batchSize: 1.5, seed: 1 }, 0)).toThrow(
      "batches: count, batchSize: expected whole numbers from 1, got 0, 1.5",
    );
    expect(() => batchIndices({ count: 1, batchSize: 1, seed: 1 }, -1)).toThrow(ConfigError);
  });
});

async function withDataset(
  files: (colour: (c: Colour) => Promise<Buffer>) => Promise<Record<string, Buffer | string>>,
  use: (dataset: Dataset) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await writeTree(folder, await files((colour) => flatPng(colour)));
    await use(await openDataset(folder));
  });
}

describe("loadBatch", () => {
  const options = { batchSize: 3, size: 4, seed: 1 };

  it("gives pixels, words, labels and indices of the scheduled examples", async () => {
    const files = async (colour: (c: Colour) => Promise<Buffer>) => ({
      "red_rose/1.png": await colour([255, 0, 0]),
      "sky/1.png": await colour([0, 0, 255]),
      "grass/1.png": await colour([0, 255, 0]),
    });
    await withDataset(files, async (dataset) => {
      const batch = await loadBatch(dataset, 5, options);
      expect(batch.step).toBe(5);
      expect(batch.indices).toEqual(batchIndices({ count: 3, batchSize: 3, seed: 1 }, 5));
      expect(batch.pixels).toHaveLength(3 * 3 * 16);
      const colours: Record<string, number[]> = {
        red_rose: [1, -1, -1],
        sky: [-1, -1, 1],
        grass: [-1, 1, -1],
      };
      batch.labels.forEach((label, i) => {
        expect(batch.texts[i]).toBe(label.replace("_", " "));
        const first = [0, 16, 32].map((channel) => batch.pixels[i * 48 + channel]);
        expect(first).toEqual(colours[label]);
      });
      expect(await loadBatch(dataset, 5, options)).toEqual(batch);
    });
  });

  it("augments each picture in its own way, the same each time", async () => {
    const files = async (colour: (c: Colour) => Promise<Buffer>) => ({
      "a.png": await colour([0, 0, 0]),
    });
    await withDataset(files, async (dataset) => {
      const shifting = { ...options, batchSize: 2, size: 8, augment: { shift: 0.5 } };
      const batch = await loadBatch(dataset, 0, shifting);
      expect(await loadBatch(dataset, 0, shifting)).toEqual(batch);
      expect(batch.pixels.subarray(0, 192)).not.toEqual(batch.pixels.subarray(192));
      // what was moved away shows the background
      expect(batch.pixels.some((x) => x === 1)).toBe(true);
    });
  });

  it("replaces a broken picture by the next good one", async () => {
    const files = async (colour: (c: Colour) => Promise<Buffer>) => ({
      "a.png": await colour([9, 9, 9]),
      "b.png": "broken",
      "c.png": "broken",
    });
    await withDataset(files, async (dataset) => {
      const batch = await loadBatch(dataset, 0, options);
      expect([...batch.indices]).toEqual([0, 0, 0]);
      expect(batch.texts).toEqual(["a", "a", "a"]);
      expect(
        dataset
          .skipped()
          .map(({ file }) => file)
          .sort(),
      ).toEqual(["b.png", "c.png"]);
    });
  });

  it("fails when all pictures are broken, naming one", async () => {
    await withDataset(
      async () => ({ "a.png": "x", "b.png": "y" }),
      async (dataset) => {
        const failing = loadBatch(dataset, 0, options);
        await expect(failing).rejects.toThrow(DataError);
        await expect(failing).rejects.toThrow(/all 2 broken \([ab]\.png: text\)/);
      },
    );
  });
});
