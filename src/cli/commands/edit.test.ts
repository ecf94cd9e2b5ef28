import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noisePicture } from "../../../test/data/fixtures.ts";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { blankPicture, type Picture } from "../../images/picture.ts";
import { readPicture } from "../../images/read.ts";
import { readRecipeFile } from "../../images/read-recipe.ts";
import { writePicture } from "../../images/write.ts";
import { runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-edit-"));
const model = join(root, "tiny");
const photo = join(root, "photo.png");
const original = noisePicture(1, 16, 16);
beforeAll(async () => {
  await writeTinyModel(model);
  await writePicture(original, photo);
});
afterAll(() => rmSync(root, { recursive: true }));

let outputs = 0;

async function edit(...words: string[]) {
  const output = join(root, `edited${outputs++}.png`);
  const run = await runCaptured(["edit", ...words, "-s", "7", "-m", model, "-o", output]);
  return { ...run, output };
}

/** The rows, top to bottom, in which anything differs. */
function changedRows(a: Picture, b: Picture): number[] {
  const row = (picture: Picture, y: number) =>
    Buffer.from(picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3));
  return Array.from({ length: a.height }, (_, y) => y).filter((y) => !row(a, y).equals(row(b, y)));
}

describe("edit", () => {
  it("draws the marked part anew and keeps the rest to the pixel, but for a soft edge", async () => {
    const { code, output } = await edit(photo, "rocket", "--mask-rect", "0,50%,100%,8");
    expect(code).toBe(0);
    const rows = changedRows(original, await readPicture(output));
    expect(rows).toEqual(expect.arrayContaining([9, 10, 11, 12, 13, 14, 15]));
    // two pixels of soft edge
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(6);
  });

  it("takes a white part, a transparent part and a rectangle for the same mask", async () => {
    const [white, clear] = [join(root, "white.png"), join(root, "clear.png")];
    const half = blankPicture(32, 32, [0, 0, 0]);
    half.data.fill(255, 16 * 32 * 3);
    await writePicture(half, white);
    const rgba = Uint8Array.from({ length: 32 * 32 * 4 }, (_, i) =>
      i % 4 === 3 ? (i < 16 * 32 * 4 ? 255 : 0) : 40,
    );
    await sharp(rgba, { raw: { width: 32, height: 32, channels: 4 } }).toFile(clear);
    const runs = [
      await edit(photo, "--mask", white),
      await edit(photo, "--mask", clear),
      await edit(photo, "--mask-rect", "0,50%,100%,50%"),
    ];
    const [a, b, c] = runs.map(({ output }) => readFileSync(output));
    const pixels = await Promise.all(runs.map(({ output }) => readPicture(output)));
    expect(b!.equals(a!)).toBe(true);
    // its recipe tells that it was a rectangle
    expect(c!.equals(a!)).toBe(false);
    expect(pixels[2]).toEqual(pixels[0]);
  });

  it("says in the recipe that a real picture was changed, and how", async () => {
    const { output } = await edit(photo, "rocket", "--mask-rect", "0,0,8,8");
    const found = await readRecipeFile(output);
    expect(found?.sourceType).toBe("compositeWithTrainedAlgorithmicMedia");
    expect(found?.recipe).toMatchObject({
      edited: true,
      prompt: "rocket",
      seed: 7,
      history: [{ action: "edit", settings: { part: "mask-rect" } }],
    });
    const replay = await runCaptured(["generate", "--from", output, "-m", model]);
    expect(replay.code).toBe(2);
    expect(replay.stderr).toContain("got an edited one");
  });

  it("shrinks a picture to draw around it", async () => {
    const { code, output } = await edit(photo, "--outpaint", "25%");
    expect(code).toBe(0);
    const [wide, small] = [await readPicture(output), await readPicture(photo, { size: 8 })];
    const middle = Array.from({ length: 2 }, (_, i) => {
      const from = ((7 + i) * 16 + 7) * 3;
      const inner = ((3 + i) * 8 + 3) * 3;
      return [wide.data.slice(from, from + 6), small.data.slice(inner, inner + 6)];
    });
    for (const [found, wanted] of middle) expect(found).toEqual(wanted);
    const tooWide = await edit(photo, "--outpaint", "8");
    expect(tooWide.code).toBe(2);
    expect(tooWide.stderr).toContain(
      "--outpaint: expected a border of 1 to 7 pixels of 16x16, got 8",
    );
  });

  it("resizes pictures of any size and says so", async () => {
    const wide = join(root, "wide.png");
    await writePicture(noisePicture(2, 40, 24), wide);
    const { stderr, stdout, output } = await edit(wide, "--mask-rect", "12,0,16,24");
    expect(stderr).toContain(`${wide} is 40x24: cut to its middle and resized to 16x16`);
    expect(stdout).toBe(`${output}\n`);
    expect(await readPicture(output)).toMatchObject({ width: 16, height: 16 });
  });

  it("names the file after the picture, and gives several seeds a file each", async () => {
    const folder = `${join(root, "many")}/`;
    const { stdout } = await runCaptured([
      "edit",
      photo,
      "--outpaint",
      "3",
      "-s",
      "7",
      "-n",
      "2",
      "-m",
      model,
      "-o",
      folder,
    ]);
    expect(stdout).toBe(
      ["photo-edited-7.png", "photo-edited-8.png"]
        .map((name) => `${join(folder, name)}\n`)
        .join(""),
    );
  });

  it("asks for one area, larger than a token", async () => {
    const none = await edit(photo, "rocket");
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("expected one of --mask, --mask-rect and --outpaint, got none");
    const both = await edit(photo, "--mask", photo, "--outpaint", "2");
    expect(both.stderr).toContain("got --mask and --outpaint");
    const small = await edit(photo, "--mask-rect", "3,3,1,1");
    expect(small.code).toBe(2);
    expect(small.stderr).toContain("expected marks larger than a token (4x4 pixels), got 1 pixels");
  });
});
