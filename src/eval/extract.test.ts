import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { fakeNetwork, scenes, setOf } from "../../test/eval/fixtures.ts";
import { type ExtractedBatch, type ExtractOptions, extractFeatures } from "./extract.ts";
import { FeatureCache } from "./feature-cache.ts";
import type { PictureSet } from "./picture-set.ts";

const pictures = scenes("extract", 22);

async function rowsOf(set: PictureSet, options: ExtractOptions): Promise<number[]> {
  const rows: number[] = [];
  for await (const { features, logits } of extractFeatures(set, options)) {
    rows.push(...features.values, ...logits.values);
  }
  return rows;
}

describe("extracting features", () => {
  it("yields all pictures in order, in batches of the size asked for", async () => {
    const network = fakeNetwork();
    const batches: ExtractedBatch[] = [];
    const options = { network, cache: null, batch: 8 };
    for await (const batch of extractFeatures(setOf(pictures), options)) batches.push(batch);
    expect(batches.map(({ features }) => features.count)).toEqual([8, 8, 6]);
    const places = batches.flatMap((batch) => batch.pictures.map(({ index }) => index));
    expect(places).toEqual([...pictures.keys()]);
    const direct = await network.features(pictures);
    expect(batches.flatMap(({ features }) => [...features.values])).toEqual([
      ...direct.features.values,
    ]);
  });

  it("goes on where a run was stopped, and gives the same numbers", async () => {
    await withFolder(async (folder) => {
      const stop = new AbortController();
      const first = fakeNetwork();
      const cache = await FeatureCache.open(folder, first);
      const seen = async () => {
        for await (const _ of extractFeatures(setOf(pictures), {
          network: first,
          cache,
          batch: 5,
          signal: stop.signal,
        })) {
          if (first.seen() >= 10) stop.abort();
        }
      };
      await expect(seen()).rejects.toThrow("This operation was aborted");
      await cache.close();
      const second = fakeNetwork();
      const reopened = await FeatureCache.open(folder, second);
      const options = { network: second, cache: reopened, batch: 5 };
      const resumed = await rowsOf(setOf(pictures), options);
      expect(second.seen()).toBe(pictures.length - 10);
      expect(await rowsOf(setOf(pictures), options)).toEqual(resumed);
      expect(second.seen()).toBe(pictures.length - 10);
      await reopened.close();
    });
  });

  it("computes only what is new when pictures were added or replaced", async () => {
    await withFolder(async (folder) => {
      const network = fakeNetwork();
      const cache = await FeatureCache.open(folder, network);
      const options = { network, cache, batch: 4 };
      await rowsOf(setOf(pictures), options);
      const changed = [...scenes("another", 1), ...pictures.slice(1), ...scenes("new", 2)];
      await rowsOf(setOf(changed), options);
      expect(network.seen()).toBe(pictures.length + 3);
      await cache.close();
    });
  });

  it("refuses a network that breaks its own promise", async () => {
    const network = { ...fakeNetwork(), width: 8 };
    await expect(rowsOf(setOf(pictures), { network, cache: null, batch: 4 })).rejects.toThrow(
      "expected features [4, 8], logits [4, 3], at places none, got features [4, 9], logits [4, 3], at places none",
    );
  });
});
