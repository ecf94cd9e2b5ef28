import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { fakeNetwork, fakePlaceNetwork } from "../../test/eval/fixtures.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import { FeatureCache } from "./feature-cache.ts";

const network = fakeNetwork();

const row = (start: number) => ({
  key: FeatureCache.key(`picture ${start}`, "as stored"),
  features: Float32Array.from({ length: network.width }, (_, i) => start + i),
  logits: Float32Array.from({ length: network.classes }, (_, i) => -start - i),
  spatial: null,
});

async function within<T>(
  folder: string,
  use: (cache: FeatureCache) => Promise<T>,
  of: FeatureNetwork = network,
): Promise<T> {
  const cache = await FeatureCache.open(folder, of);
  return use(cache).finally(() => cache.close());
}

/** The files of the only network in a cache. */
function files(folder: string): string[] {
  const [own] = readdirSync(folder);
  return readdirSync(join(folder, own!)).map((name) => join(folder, own!, name));
}

describe("the feature cache", () => {
  it("gives back what a run before it has put in", async () => {
    await withFolder(async (folder) => {
      await within(folder, (cache) => cache.put([row(1), row(2)]));
      await within(folder, async (cache) => {
        const { key, ...values } = row(2);
        expect(await cache.get(key)).toEqual(values);
        expect(await cache.get(FeatureCache.key("picture 2", "to 8x8"))).toBeNull();
      });
    });
  });

  it("keeps the features at places of a network that has them", async () => {
    await withFolder(async (folder) => {
      const places = fakePlaceNetwork();
      const own = { ...row(1), spatial: Float32Array.of(7, 8) };
      await within(folder, (cache) => cache.put([own, { ...own, key: row(2).key }]), places);
      const { key, ...values } = own;
      expect(await within(folder, (cache) => cache.get(key), places)).toEqual(values);
      const without = fakePlaceNetwork({ spatialWidth: null });
      expect(await within(folder, (cache) => cache.get(key), without)).toBeNull();
    });
  });

  it("forgets a record that was damaged, and keeps its neighbours", async () => {
    await withFolder(async (folder) => {
      await within(folder, (cache) => cache.put([row(1), row(2), row(3)]));
      const [file] = files(folder);
      const bytes = readFileSync(file!);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file!, bytes);
      await within(folder, async (cache) => {
        const found = await Promise.all([1, 2, 3].map((i) => cache.get(row(i).key)));
        expect(found.map((one) => one !== null)).toEqual([true, false, true]);
        await cache.put([row(2)]);
        expect(await cache.get(row(2).key)).not.toBeNull();
      });
      await within(folder, async (cache) => {
        expect((await cache.get(row(2).key))?.features).toEqual(row(2).features);
      });
    });
  });

  it("passes over the torn record of a run that was killed", async () => {
    await withFolder(async (folder) => {
      await within(folder, (cache) => cache.put([row(1), row(2)]));
      const [file] = files(folder);
      truncateSync(file!, readFileSync(file!).length - 5);
      await within(folder, async (cache) => {
        expect(await cache.get(row(1).key)).not.toBeNull();
        expect(await cache.get(row(2).key)).toBeNull();
      });
    });
  });

  it("lets runs beside each other write without disturbing one another", async () => {
    await withFolder(async (folder) => {
      await within(folder, async (one) => {
        await within(folder, async (other) => {
          await one.put([row(1)]);
          await other.put([row(2)]);
          await one.put([row(3)]);
        });
      });
      expect(files(folder)).toHaveLength(2);
      await within(folder, async (cache) => {
        for (const i of [1, 2, 3]) expect((await cache.get(row(i).key))?.logits[0]).toBe(-i);
      });
    });
  });

  it("keeps networks apart that differ in name or in how they see pictures", async () => {
    await withFolder(async (folder) => {
      await within(folder, (cache) => cache.put([row(1)]));
      for (const other of [{ name: "another" }, { preprocessing: "resized" }]) {
        const found = within(folder, (cache) => cache.get(row(1).key), fakeNetwork(other));
        expect(await found).toBeNull();
      }
    });
  });

  it("says that its folder cannot be made", async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "file");
      writeFileSync(file, "");
      await expect(FeatureCache.open(file, network)).rejects.toThrow(
        /expected a folder for features, got ENOTDIR\. Set ORDO_HOME/,
      );
    });
  });
});
