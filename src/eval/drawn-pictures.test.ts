import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noisePicture, withFolder } from "../../test/data/fixtures.ts";
import { openDataset } from "../data/dataset.ts";
import type { Recipe } from "../images/recipe.ts";
import { drawMissing, drawnSoFar } from "./drawn-pictures.ts";

const captions = ["red apple", "blue boat", "rocket", "pizza"];

function plan(folder: string, { seed = 1, stopAfter = Number.POSITIVE_INFINITY } = {}) {
  const drawn: number[] = [];
  const stop = new AbortController();
  return {
    drawn,
    signal: stop.signal,
    folder,
    settings: { model: "m", seed },
    captions,
    draw: async (index: number) => {
      drawn.push(index);
      if (drawn.length === stopAfter) stop.abort();
      const recipe: Recipe = {
        schemaVersion: 1,
        system: "var",
        model: "m",
        seed: seed + index,
        index: 0,
        steps: [1, 2],
        size: { width: 6, height: 6 },
        ordoVersion: "0",
        device: "cpu",
      };
      return { picture: noisePicture(seed + index, 6), recipe };
    },
  };
}

describe("drawn pictures", () => {
  it("are kept when the run is stopped, and not drawn again", async () => {
    await withFolder(async (folder) => {
      const first = plan(folder, { stopAfter: 2 });
      await expect(drawMissing(first, first)).rejects.toThrow("aborted");
      expect(drawnSoFar(folder, 4)).toBe(2);
      const before = readFileSync(join(folder, "000001.png"));
      const second = plan(folder);
      const seen: number[] = [];
      await drawMissing(second, { onProgress: (done) => seen.push(done) });
      expect(second.drawn).toEqual([2, 3]);
      expect(seen).toEqual([1, 2, 3, 4]);
      expect(readFileSync(join(folder, "000001.png"))).toEqual(before);
      expect(drawnSoFar(folder, 4)).toBe(4);
    });
  });

  it("are a data set with the words that were asked for", async () => {
    await withFolder(async (folder) => {
      await drawMissing(plan(folder));
      const dataset = await openDataset(folder);
      expect(dataset.examples.map(({ text }) => text)).toEqual(captions);
      expect((await dataset.load(2))!.data).toEqual(noisePicture(3, 6).data);
      await dataset.close();
    });
  });

  it("of other settings are left alone", async () => {
    await withFolder(async (folder) => {
      await drawMissing(plan(folder));
      const before = readdirSync(folder);
      const other = plan(folder, { seed: 5 });
      await expect(drawMissing(other)).rejects.toThrow(
        'expected pictures of these settings, got others ("seed": 1). Choose another folder with -o',
      );
      expect(other.drawn).toEqual([]);
      expect(readdirSync(folder)).toEqual(before);
    });
  });
});
