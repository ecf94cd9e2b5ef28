import { readdir, readFile, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import type { FileFloats, FileValues } from "../floats.ts";
import type { PackedMatrices, PackedValues } from "../nn/matrix-format.ts";
import { cachedMatrices } from "./packed-cache.ts";

/** A packer that counts how often it is asked. */
function packer(): { calls: number; pack: () => Promise<PackedMatrices<PackedValues>> } {
  const self = {
    calls: 0,
    pack: async (): Promise<PackedMatrices<PackedValues>> => {
      self.calls++;
      const values = new Map<string, PackedValues>([
        ["a", Int8Array.of(1, -2, 3)],
        ["a.scales", Float32Array.of(0.5, 0.25)],
        ["b", Uint8Array.of(255)],
        ["c", Uint16Array.of(15_360, 1)],
      ]);
      return { format: "int8", values };
    },
  };
  return self;
}

/** As large as a model that is worth it, without such a file. */
async function matrixIn(folder: string): Promise<FileFloats> {
  await writeFile(join(folder, "model.safetensors"), "weights");
  return {
    dtype: "float32",
    folder,
    name: "model.safetensors",
    offset: 0,
    length: 32 * 1024 * 1024,
  };
}

describe("cachedMatrices", () => {
  it("packs once, and gives the same numbers from the disk", async () => {
    await withFolder(async (folder) => {
      const cache = join(folder, "packed");
      const source = packer();
      const matrix = await matrixIn(folder);
      const first = await cachedMatrices(cache, "int8", [matrix], source.pack);
      const second = await cachedMatrices(cache, "int8", [matrix], source.pack);
      expect(source.calls).toBe(1);
      expect([...second.values].sort()).toEqual([...first.values].sort());
    });
  });

  it("leaves large matrices in the file, and reads small ones", async () => {
    await withFolder(async (folder) => {
      const cache = join(folder, "packed");
      const large = new Uint8Array(20_000).map((_, i) => i % 251);
      const pack = async (): Promise<PackedMatrices<PackedValues>> => ({
        format: "int4-blocks",
        values: new Map<string, PackedValues>([
          ["large", large],
          ["small", Float32Array.of(1, 2)],
        ]),
      });
      const { values } = await cachedMatrices(cache, "int4-blocks", [await matrixIn(folder)], pack);
      expect(values.get("small")).toEqual(Float32Array.of(1, 2));
      const { name, offset, length, dtype } = values.get("large") as FileValues;
      expect(dtype).toBe("uint8");
      const bytes = await readFile(join(cache, name));
      expect(Uint8Array.from(bytes.subarray(offset, offset + length))).toEqual(large);
    });
  });

  it("packs anew for another format, other weights, or a damaged file", async () => {
    await withFolder(async (folder) => {
      const cache = join(folder, "packed");
      const source = packer();
      const matrix = await matrixIn(folder);
      await cachedMatrices(cache, "int8", [matrix], source.pack);
      await cachedMatrices(cache, "int4-blocks", [matrix], source.pack);
      expect(source.calls).toBe(2);
      await utimes(join(folder, "model.safetensors"), 1, 1);
      await cachedMatrices(cache, "int8", [matrix], source.pack);
      expect(source.calls).toBe(3);
      for (const name of await readdir(cache)) await truncate(join(cache, name), 20);
      await cachedMatrices(cache, "int8", [matrix], source.pack);
      await cachedMatrices(cache, "int8", [matrix], source.pack);
      expect(source.calls).toBe(4);
    });
  });

  it("keeps nothing of small models and of weights in memory", async () => {
    await withFolder(async (folder) => {
      const cache = join(folder, "packed");
      const source = packer();
      const small = { ...(await matrixIn(folder)), length: 1024 };
      for (const matrix of [small, new Float32Array(8)]) {
        await cachedMatrices(cache, "int8", [matrix], source.pack);
      }
      expect(source.calls).toBe(2);
      await expect(readdir(cache)).rejects.toThrow("ENOENT");
    });
  });

  it("goes on without a cache where none can be written", async () => {
    await withFolder(async (folder) => {
      const matrix = await matrixIn(folder);
      const blocked = join(folder, "model.safetensors", "packed");
      const { values } = await cachedMatrices(blocked, "int8", [matrix], packer().pack);
      expect(values.size).toBe(4);
    });
  });

  it("keeps the last used files only", async () => {
    await withFolder(async (folder) => {
      const cache = join(folder, "packed");
      const matrix = await matrixIn(folder);
      for (let i = 0; i < 10; i++) {
        await cachedMatrices(cache, "int8", [{ ...matrix, offset: 4 * i }], packer().pack);
      }
      expect(await readdir(cache)).toHaveLength(8);
    });
  });
});
