import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flatPng, noisePicture, withFolder, writeTree, zipOf } from "../../test/data/fixtures.ts";
import { writePicture } from "../images/write.ts";
import { type NpyContent, writeNpz } from "../metrics/npz-write.ts";
import { writeStatistics } from "../metrics/statistics-file.ts";
import { openPictureSet } from "./open-pictures.ts";
import { chosenPictures, type PictureSet, type StoredPicture } from "./picture-set.ts";
import { openReference } from "./reference.ts";

async function all(set: PictureSet, indices?: ArrayLike<number>): Promise<StoredPicture[]> {
  const found: StoredPicture[] = [];
  for await (const picture of set.pictures(indices)) found.push(picture);
  return found;
}

const byteArray = (shape: readonly number[]): NpyContent => ({
  dtype: "uint8",
  shape,
  values: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 251),
});

describe("sets of pictures", () => {
  it("are the files of a folder or a zip in their order, with the same contents", async () => {
    await withFolder(async (folder) => {
      const files = {
        "b/2.png": await flatPng([0, 0, 9]),
        "a/1.png": await flatPng([9, 0, 0]),
        "c.txt": "no picture",
      };
      await writeTree(join(folder, "set"), files);
      await writeFile(join(folder, "set.zip"), zipOf(files));
      const hashes: string[][] = [];
      for (const path of [join(folder, "set"), join(folder, "set.zip")]) {
        const set = await openPictureSet(path);
        const found = await all(set);
        expect(found.map(({ name }) => name)).toEqual(["a/1.png", "b/2.png"]);
        expect(set.examples!.map(({ label }) => label)).toEqual(["a", "b"]);
        expect([...(await found[1]!.decode()).data.subarray(0, 3)]).toEqual([0, 0, 9]);
        hashes.push(found.map(({ hash }) => hash));
        await set.close();
      }
      expect(hashes[0]).toEqual(hashes[1]);
      expect(new Set(hashes[0]).size).toBe(2);
    });
  });

  it("are the rows of an array of ADM's kind", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "samples.npz");
      await writeNpz(path, { arr_0: byteArray([130, 4, 5, 3]) });
      const set = await openPictureSet(path);
      expect(set.count).toBe(130);
      const [picture] = await all(set, [101]);
      expect(picture).toMatchObject({ index: 101, name: "arr_0[101]" });
      const { width, height, data } = await picture!.decode();
      expect([width, height, data[7]]).toEqual([5, 4, (101 * 60 + 7) % 251]);
      expect(await all(set)).toHaveLength(130);
      await set.close();
    });
  });

  it("decode to the size that was asked for, and say so", async () => {
    await withFolder(async (folder) => {
      await writePicture(noisePicture(1, 20, 10), join(folder, "a.png"));
      const set = await openPictureSet(folder, { size: 8 });
      expect(set.decoding).toBe("to 8x8, middle cropped, Lanczos");
      const { width, height } = await (await all(set))[0]!.decode();
      expect([width, height]).toEqual([8, 8]);
      await set.close();
    });
  });

  it("can be thinned by a seed, always to the same pictures", async () => {
    await withFolder(async (folder) => {
      await writeNpz(join(folder, "s.npz"), { arr_0: byteArray([90, 2, 2, 3]) });
      const set = await openPictureSet(join(folder, "s.npz"));
      const names = async (seed: number) =>
        (await all(chosenPictures(set, 20, seed))).map(({ name }) => name);
      expect(new Set(await names(1)).size).toBe(20);
      expect(await names(1)).toEqual(await names(1));
      expect(await names(1)).not.toEqual(await names(2));
      const few = chosenPictures(set, 20, 1);
      const [third] = await all(few, [3]);
      expect(third).toMatchObject({ index: 3, name: (await names(1))[3] });
      expect(chosenPictures(set, 90, 1)).toBe(set);
      expect(() => chosenPictures(set, 91, 1)).toThrow("s.npz: expected 91 pictures, got 90");
      await set.close();
    });
  });

  it("say in one line what is wrong with what was given", async () => {
    await withFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      await writeTree(folder, { "empty/notes.txt": "nothing", "broken/a.png": "text" });
      await writeNpz(at("floats.npz"), {
        arr_0: { dtype: "float32", shape: [2, 4, 4, 3], values: new Float32Array(96) },
      });
      await writeNpz(at("grey.npz"), { arr_0: byteArray([5, 4, 4]) });
      await writeNpz(at("other.npz"), { samples: byteArray([5, 4, 4, 3]) });
      const open = (name: string) => openPictureSet(at(name));
      await expect(open("empty")).rejects.toThrow("empty: expected pictures (PNG, JPEG");
      await expect(open("gone")).rejects.toThrow("got nothing there");
      await expect(open("floats.npz")).rejects.toThrow(
        "floats.npz: arr_0: expected uint8 pictures in the shape (N, height, width, 3), got float32 in (2, 4, 4, 3)",
      );
      await expect(open("grey.npz")).rejects.toThrow("got uint8 in (5, 4, 4)");
      await expect(open("other.npz")).rejects.toThrow(
        "expected an array called arr_0, got samples",
      );
      const broken = await open("broken");
      const [picture] = await all(broken);
      await expect(picture!.decode()).rejects.toThrow(
        /broken: a\.png: expected a picture .*, got text\. Remove or repair it/,
      );
      await broken.close();
    });
  });
});

describe("references", () => {
  it("are pictures, statistics, or both", async () => {
    await withFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      const statistics = {
        count: 9,
        mean: Float64Array.of(1, 2),
        covariance: Float64Array.of(2, 0, 0, 3),
      };
      await writeStatistics(at("statistics.npz"), {
        pooled: statistics,
        spatial: null,
        network: "net-D2",
      });
      const alone = await openReference(at("statistics.npz"));
      expect(alone.pictures).toBeNull();
      expect(alone.statistics).toEqual({
        pooled: statistics,
        spatial: null,
        network: "net-D2",
      });
      await writeNpz(at("adm.npz"), {
        mu: { dtype: "float64", shape: [2], values: statistics.mean },
        sigma: { dtype: "float64", shape: [2, 2], values: statistics.covariance },
        arr_0: byteArray([3, 4, 4, 3]),
      });
      const both = await openReference(at("adm.npz"));
      expect(both.pictures!.count).toBe(3);
      expect(both.statistics!.pooled.mean).toEqual(statistics.mean);
      await both.pictures!.close();
      await writeNpz(at("other.npz"), { labels: byteArray([3]) });
      await expect(openReference(at("other.npz"))).rejects.toThrow(
        "other.npz: expected pictures in arr_0, or statistics in mu and sigma, got labels",
      );
    });
  });
});
