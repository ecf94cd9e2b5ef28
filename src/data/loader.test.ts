import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { noisePicture, withFolder, writeTree } from "../../test/data/fixtures.ts";
import { ConfigError, DataError } from "../errors.ts";
import { encodePicture } from "../images/index.ts";
import { type Batch, loadBatch } from "./batches.ts";
import { openDataset } from "./dataset.ts";
import { type LoaderOptions, startLoader } from "./loader.ts";

async function withPictures(use: (options: LoaderOptions) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const files: Record<string, Buffer | string> = { "broken.png": "x", "not me.png": "x" };
    for (let i = 0; i < 5; i++) {
      files[`picture ${"abcde"[i]}.png`] = await encodePicture(noisePicture(i, 10), "png");
    }
    await writeTree(join(folder, "set"), files);
    await use({
      path: join(folder, "set"),
      cacheFolder: join(folder, "cache"),
      select: { exclude: [{ field: "file", pattern: "not me" }] },
      batchSize: 4,
      size: 8,
      seed: 11,
      augment: { shift: 0.1, flip: 0.5, hue: 20 },
    });
  });
}

describe("startLoader", () => {
  it("gives the batches of loadBatch, in order from the first step, with and without cache", async () => {
    await withPictures(async (options) => {
      const dataset = await openDataset(options.path, options.select);
      const expected: Batch[] = [];
      for (let step = 3; step < 9; step++) expected.push(await loadBatch(dataset, step, options));
      for (const cache of [true, false]) {
        const loader = startLoader({ ...options, cache }, { firstStep: 3, prefetch: 2 });
        const batches: Batch[] = [];
        for await (const batch of loader) {
          batches.push(batch);
          if (batches.length === expected.length) break;
        }
        expect(batches).toEqual(expected);
        expect(loader.skipped()).toEqual([{ file: "broken.png", reason: "text" }]);
      }
    });
  });

  it("loads ahead, but no further than asked", async () => {
    await withPictures(async (options) => {
      const loader = startLoader(options, { prefetch: 3 });
      const first = await loader.next();
      await vi.waitUntil(() => loader.ready() === 3, { timeout: 20_000 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(loader.ready()).toBe(3);
      const steps = [first.step];
      for (let i = 0; i < 5; i++) steps.push((await loader.next()).step);
      expect(steps).toEqual([0, 1, 2, 3, 4, 5]);
      await loader.close();
    });
  });

  it("passes on errors of its thread as they are", async () => {
    const options = { batchSize: 1, size: 4, seed: 1, cache: false };
    const missing = startLoader({ ...options, path: "none" });
    const error: unknown = await missing.next().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toBe(
      "none: expected a folder of pictures or a zip of one, got nothing there",
    );
    await withPictures(async (pictures) => {
      const broken = startLoader({ ...pictures, batchSize: 0 });
      await expect(broken.next()).rejects.toThrow(ConfigError);
      await broken.close();
    });
  });

  it("fails calls that still wait when it is closed", async () => {
    await withPictures(async (options) => {
      const loader = startLoader(options);
      const waiting = loader.next();
      const failed = expect(waiting).rejects.toThrow(/expected an open loader, got a closed one/);
      await loader.close();
      await failed;
      await expect(loader.next()).rejects.toThrow(DataError);
    });
  });
});
