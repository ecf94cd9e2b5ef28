import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { noisePicture, withFolder } from "../../test/data/fixtures.ts";
import { ConfigError, DataError, ShapeError } from "../errors.ts";
import { blankPicture } from "./picture.ts";
import { readPicture } from "./read.ts";
import { writeWhole } from "./whole-file.ts";
import { encodePicture, writeAnimation, writePicture } from "./write.ts";

describe("writePicture", () => {
  it("writes the format that the name's ending says, the same bytes each time", async () => {
    await withFolder(async (folder) => {
      const picture = noisePicture(3, 16);
      for (const [name, format] of [
        ["a.png", "png"],
        ["a.jpg", "jpeg"],
        ["a.webp", "webp"],
      ] as const) {
        await writePicture(picture, join(folder, name));
        const bytes = await readFile(join(folder, name));
        expect((await sharp(bytes).metadata()).format).toBe(format);
        expect(bytes.equals(await encodePicture(picture, format))).toBe(true);
      }
      expect(await readPicture(join(folder, "a.png"))).toEqual(picture);
      expect(await readdir(folder)).toHaveLength(3);
    });
  });

  it("refuses unknown endings and unwritable places in one line", async () => {
    const picture = blankPicture(1, 1);
    await expect(writePicture(picture, "a.bmp")).rejects.toThrow(ConfigError);
    await withFolder(async (folder) => {
      const missing = join(folder, "none", "a.png");
      await expect(writePicture(picture, missing)).rejects.toThrow(
        `${missing}: expected to write the file, got a folder that does not exist. Create the folder first`,
      );
      await mkdir(join(folder, "b.png"));
      await expect(writePicture(picture, join(folder, "b.png"))).rejects.toThrow(DataError);
      expect(await readdir(folder)).toEqual(["b.png"]);
    });
  });
});

describe("writeAnimation", () => {
  it("keeps every frame and its time", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "steps.webp");
      const frames = [blankPicture(8, 8, [255, 0, 0]), blankPicture(8, 8, [0, 0, 255])];
      await writeAnimation(frames, path, { delayMs: [100, 700] });
      const metadata = await sharp(path, { animated: true }).metadata();
      expect(metadata).toMatchObject({ format: "webp", pages: 2, delay: [100, 700], loop: 0 });
    });
  });

  it("refuses frames of different sizes and other formats", async () => {
    const frames = [blankPicture(8, 8), blankPicture(4, 4)];
    await expect(writeAnimation(frames, "a.webp", { delayMs: 9 })).rejects.toThrow(ShapeError);
    await expect(writeAnimation([frames[0]!], "a.gif", { delayMs: 9 })).rejects.toThrow(
      "a.gif: expected a name ending in .webp, got .gif",
    );
  });
});

describe("writeWhole", () => {
  it("leaves the old file and nothing else when writing fails half way", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "a.bin");
      await writeWhole(path, [Uint8Array.of(1)]);
      async function* untilFull(): AsyncGenerator<Uint8Array> {
        yield Uint8Array.of(2, 2);
        throw Object.assign(new Error("write"), { code: "ENOSPC" });
      }
      const failing = writeWhole(path, untilFull());
      await expect(failing).rejects.toBeInstanceOf(DataError);
      await expect(failing).rejects.toThrow(`${path}: expected to write the file, got a full disk`);
      expect([...(await readFile(path))]).toEqual([1]);
      expect(await readdir(folder)).toEqual(["a.bin"]);
    });
  });
});
