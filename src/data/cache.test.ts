import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flatPng, noisePicture, withFolder, writeTree } from "../../test/data/fixtures.ts";
import { cacheFolder } from "../cache-folder.ts";
import { DataError } from "../errors.ts";
import { encodePicture } from "../images/index.ts";
import { cacheDataset } from "./cache.ts";
import { type Dataset, openDataset } from "./dataset.ts";

async function inFolders(use: (pictures: string, cache: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await writeTree(join(folder, "set"), {
      "a.png": await encodePicture(noisePicture(1, 20, 14), "png"),
      "b.png": "broken",
      "c.png": await flatPng([0, 0, 0], { alpha: 0.5 }),
    });
    await use(join(folder, "set"), join(folder, "cache"));
  });
}

const loadAll = (dataset: Dataset, size: number) =>
  Promise.all(Array.from({ length: dataset.size }, (_, i) => dataset.load(i, { size })));

describe("cacheDataset", () => {
  it("gives the pictures that decoding gives, and names the broken ones, also from the file", async () => {
    await inFolders(async (path, folder) => {
      const plain = await openDataset(path);
      const expected = await loadAll(plain, 6);
      const skipped = [{ file: "b.png", reason: "text" }];
      for (const run of ["first", "second"]) {
        const cached = await cacheDataset(await openDataset(path), { size: 6, folder });
        expect([run, await loadAll(cached, 6)]).toEqual([run, expected]);
        expect(cached.skipped()).toEqual(skipped);
        expect(await cached.load(0, { size: 3 })).toEqual(await plain.load(0, { size: 3 }));
        await cached.close();
      }
      expect(await readdir(join(folder, "pictures"))).toHaveLength(1);
    });
  });

  it("decodes nothing the second time", async () => {
    await inFolders(async (path, folder) => {
      const counting = async (): Promise<number> => {
        let decoded = 0;
        const dataset = await openDataset(path);
        const watched: Dataset = {
          ...dataset,
          load: (index, options) => {
            decoded++;
            return dataset.load(index, options);
          },
        };
        const progress: number[] = [];
        const onProgress = (done: number) => progress.push(done);
        const cached = await cacheDataset(watched, { size: 6, folder, onProgress });
        await loadAll(cached, 6);
        await cached.close();
        expect(progress).toEqual(decoded > 0 ? [3] : []);
        return decoded;
      };
      expect([await counting(), await counting()]).toEqual([3, 0]);
    });
  });

  it("starts anew when a file, the size, the fit or the background changes", async () => {
    await inFolders(async (path, folder) => {
      const files = async (options: Omit<Parameters<typeof cacheDataset>[1], "folder">) => {
        await (await cacheDataset(await openDataset(path), { ...options, folder })).close();
        return (await readdir(join(folder, "pictures"))).length;
      };
      expect(await files({ size: 6 })).toBe(1);
      expect(await files({ size: 5 })).toBe(2);
      expect(await files({ size: 5, fit: "contain" })).toBe(3);
      expect(await files({ size: 5, background: [0, 0, 0] })).toBe(4);
      expect(await files({ size: 5 })).toBe(4);
      await writeFile(join(path, "c.png"), await flatPng([1, 2, 3], { width: 31 }));
      expect(await files({ size: 5 })).toBe(5);
    });
  });

  it("replaces a cache file that is cut off or damaged at its end", async () => {
    await inFolders(async (path, folder) => {
      const open = async () => cacheDataset(await openDataset(path), { size: 6, folder });
      const first = await open();
      const expected = await loadAll(first, 6);
      await first.close();
      const [name] = await readdir(join(folder, "pictures"));
      const file = join(folder, "pictures", name!);
      const whole = await readFile(file);
      const damages: (() => Promise<void>)[] = [
        () => truncate(file, 40),
        () => truncate(file, whole.length - 1),
        () => truncate(file, 0),
        () => writeFile(file, Buffer.concat([whole, Buffer.from("x")])),
      ];
      for (const damage of damages) {
        await damage();
        const again = await open();
        expect(await loadAll(again, 6)).toEqual(expected);
        await again.close();
        expect((await readFile(file)).equals(whole)).toBe(true);
      }
    });
  });

  it("refuses a data set of nothing but broken pictures and leaves no file", async () => {
    await withFolder(async (folder) => {
      await writeTree(join(folder, "set"), { "a.png": "x", "b.png": "y" });
      const failing = cacheDataset(await openDataset(join(folder, "set")), { size: 4, folder });
      await expect(failing).rejects.toThrow(
        "set: expected readable pictures, got all 2 broken (text)",
      );
      await expect(failing).rejects.toThrow(DataError);
      expect(await readdir(join(folder, "pictures"))).toEqual([]);
    });
  });
});

describe("cacheFolder", () => {
  it("follows ORDO_HOME, then XDG_CACHE_HOME, then the home folder", () => {
    expect(cacheFolder({ ORDO_HOME: "/o", XDG_CACHE_HOME: "/x" })).toBe(join("/o", "cache"));
    expect(cacheFolder({ XDG_CACHE_HOME: "/x" })).toBe(join("/x", "ordo"));
    expect(cacheFolder({})).toMatch(/\.cache[/\\]ordo$/);
  });
});
