import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { DataError } from "../errors.ts";
import { readMask } from "./read-mask.ts";

/** Which of the pixels are marked, from raw pixels of one row. */
async function marks(raw: readonly number[], channels: 1 | 2 | 3 | 4): Promise<boolean[]> {
  let found: boolean[] = [];
  await withFolder(async (folder) => {
    const path = join(folder, "mask.png");
    const width = raw.length / channels;
    await sharp(Uint8Array.from(raw), { raw: { width, height: 1, channels } }).toFile(path);
    const { data } = await readMask(path);
    found = Array.from({ length: width }, (_, i) => data[3 * i] === 255);
  });
  return found;
}

describe("readMask", () => {
  it("takes white as marked and black as kept, in grey and in colour", async () => {
    expect(await marks([0, 255, 127, 128], 1)).toEqual([false, true, false, true]);
    expect(await marks([0, 0, 0, 255, 255, 255, 255, 0, 0], 3)).toEqual([false, true, false]);
    expect(await marks([0, 255, 255, 255], 2)).toEqual([false, true]);
  });

  it("takes transparent parts as marked as soon as there are any, whatever their colour", async () => {
    const [white, clear] = [
      [255, 255, 255, 255],
      [0, 0, 0, 0],
    ];
    expect(await marks([...white!, ...clear!], 4)).toEqual([false, true]);
  });

  it("names files that are no pictures", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "mask.png");
      await writeFile(path, "white please");
      await expect(readMask(path)).rejects.toThrow(DataError);
      await expect(readMask(path)).rejects.toThrow(/mask\.png: expected a picture .*, got text/);
      await expect(readMask(join(folder, "none.png"))).rejects.toThrow(/none\.png.*no such file/);
    });
  });
});
