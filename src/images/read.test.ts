import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { flatPng, noisePicture, withFolder } from "../../test/data/fixtures.ts";
import { DataError } from "../errors.ts";
import { readPicture } from "./read.ts";
import { encodePicture } from "./write.ts";

const pixel = (data: Uint8Array, at = 0): number[] => [...data.subarray(3 * at, 3 * at + 3)];

describe("readPicture", () => {
  it("decodes a PNG exactly, from a path and from bytes", async () => {
    const picture = noisePicture(1, 5, 4);
    const png = await encodePicture(picture, "png");
    expect(await readPicture(png)).toEqual(picture);
    await withFolder(async (folder) => {
      await writeFile(join(folder, "a.png"), png);
      expect(await readPicture(join(folder, "a.png"))).toEqual(picture);
    });
  });

  it("lays transparent parts on white, or on the background given", async () => {
    const clear = await flatPng([9, 9, 9], { alpha: 0 });
    expect(pixel((await readPicture(clear)).data)).toEqual([255, 255, 255]);
    const onRed = await readPicture(clear, { background: [255, 0, 0], size: 4 });
    expect(pixel(onRed.data)).toEqual([255, 0, 0]);
  });

  it("crops, pads or stretches to the size", async () => {
    const wide = await flatPng([0, 0, 255], { width: 16, height: 8 });
    for (const fit of ["cover", "fill"] as const) {
      const picture = await readPicture(wide, { size: 8, fit });
      expect([picture.width, picture.height, ...pixel(picture.data)]).toEqual([8, 8, 0, 0, 255]);
    }
    const padded = await readPicture(wide, { size: { width: 8, height: 8 }, fit: "contain" });
    expect(pixel(padded.data, 0)).toEqual([255, 255, 255]);
    expect(pixel(padded.data, 4 * 8)).toEqual([0, 0, 255]);
  });

  it("turns grey, 16-bit, palette and CMYK pictures into RGB bytes", async () => {
    const grey = await sharp({ create: { width: 2, height: 2, channels: 3, background: "#777" } })
      .toColourspace("b-w")
      .png()
      .toBuffer();
    expect(pixel((await readPicture(grey)).data)).toEqual([119, 119, 119]);
    const deep = await sharp(await flatPng([10, 20, 30]))
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    expect(pixel((await readPicture(deep)).data)).toEqual([10, 20, 30]);
    const palette = await sharp(await flatPng([10, 20, 30]))
      .png({ palette: true })
      .toBuffer();
    expect(pixel((await readPicture(palette)).data)).toEqual([10, 20, 30]);
    const cmyk = await sharp(await flatPng([200, 200, 200]))
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    expect((await readPicture(cmyk)).data).toHaveLength(8 * 8 * 3);
  });

  it("turns pictures upright as their EXIF orientation says", async () => {
    const lying = await sharp(await flatPng([0, 0, 0], { width: 6, height: 2 }))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(await readPicture(lying)).toMatchObject({ width: 2, height: 6 });
  });

  it("takes the first frame of an animation", async () => {
    const gif = await sharp(Buffer.alloc(4 * 8 * 3), {
      raw: { width: 4, height: 8, channels: 3, pageHeight: 4 },
    })
      .gif()
      .toBuffer();
    expect(await readPicture(gif)).toMatchObject({ width: 4, height: 4 });
  });

  it("says in one line what is wrong with a file", async () => {
    await withFolder(async (folder) => {
      const message = async (name: string, content: Uint8Array | string): Promise<string> => {
        await writeFile(join(folder, name), content);
        const error = await readPicture(join(folder, name)).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(DataError);
        const text = (error as DataError).message;
        expect(text).not.toContain("\n");
        return text.slice(folder.length + 1);
      };
      const expected = "expected a picture (PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG)";
      expect(await message("a.png", "just words")).toBe(`a.png: ${expected}, got text`);
      expect(await message("b.png", Uint8Array.of(1, 2, 3))).toBe(
        `b.png: ${expected}, got an unknown kind of file`,
      );
      expect(await message("c.png", "")).toBe(`c.png: ${expected}, got an empty file`);
      const whole = await encodePicture(noisePicture(1, 32), "jpeg");
      expect(await message("d.jpg", whole.subarray(0, whole.length / 2))).toMatch(
        /^d\.jpg: expected a whole picture, got a damaged one \(.+\)$/,
      );
      const huge = Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>',
      );
      expect(await message("e.svg", huge)).toMatch(/expected at most 100 million pixels/);
      await mkdir(join(folder, "f.png"));
      await expect(readPicture(join(folder, "f.png"))).rejects.toThrow(/got a folder$/);
      await expect(readPicture(join(folder, "none.png"))).rejects.toThrow(/got no such file$/);
    });
  });
});
