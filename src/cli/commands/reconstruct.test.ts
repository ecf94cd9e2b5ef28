import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noisePicture } from "../../../test/data/fixtures.ts";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { readPicture } from "../../images/read.ts";
import { writePicture } from "../../images/write.ts";
import { psnr } from "../../metrics/psnr.ts";
import { runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-reconstruct-"));
const model = join(root, "tiny");
const pictures = join(root, "pictures");
beforeAll(async () => {
  await writeTinyModel(model);
  mkdirSync(pictures);
  await writePicture(noisePicture(1, 16, 16), join(pictures, "a.png"));
  await writePicture(noisePicture(2, 30, 20), join(pictures, "b.png"));
  writeFileSync(join(pictures, "notes.txt"), "no picture");
});
afterAll(() => rmSync(root, { recursive: true }));

function run(...words: string[]) {
  return runCaptured([...words, "-m", model]);
}

describe("reconstruct", () => {
  it("measures each picture of a folder and their mean, writing nothing unasked", async () => {
    const { code, stdout } = await run("reconstruct", pictures, "--json");
    expect(code).toBe(0);
    const { pictures: rows, meanPsnr } = JSON.parse(stdout);
    expect(rows.map(({ file }: { file: string }) => file)).toEqual([
      join(pictures, "a.png"),
      join(pictures, "b.png"),
    ]);
    expect(meanPsnr).toBeCloseTo((rows[0].psnr + rows[1].psnr) / 2, 10);
    expect(readdirSync(pictures)).toEqual(["a.png", "b.png", "notes.txt"]);
  });

  it("writes reconstructions, whose PSNR is what it printed, and a sheet", async () => {
    const [out, sheet] = [join(root, "out"), join(root, "sheet.png")];
    const { stdout } = await run("reconstruct", pictures, "-o", `${out}/`, "--grid", sheet);
    const back = await readPicture(join(out, "a-reconstructed.png"));
    const found = psnr(await readPicture(join(pictures, "a.png")), back).toFixed(2);
    expect(stdout).toMatch(new RegExp(`a\\.png +${found} +.*a-reconstructed\\.png`));
    expect(stdout).toMatch(/^mean +\d+\.\d\d/m);
    // two pairs of 16 pixels, one above the other or side by side
    const { width, height } = await readPicture(sheet);
    expect(width * height).toBe((4 * 18 + 2) * (18 + 2));
  });
});

describe("tokenize", () => {
  const tokens = join(root, "tokens.json");

  it("gives the ids of each map, and the same picture back", async () => {
    const { stdout } = await run("tokenize", pictures, "-o", tokens);
    expect(stdout).toBe(`${tokens}\n`);
    const printed = await run("tokenize", pictures);
    const file = JSON.parse(printed.stdout);
    expect(file).toMatchObject({ format: 1, model: "tiny", codebookSize: 32 });
    expect(file.pictures[0].file).toBe("a.png");
    expect(file.pictures[0].ids.map((map: number[]) => map.length)).toEqual([1, 4, 9, 16]);
    const [out, decoded] = [join(root, "reconstructed"), join(root, "decoded")];
    await run("reconstruct", pictures, "-o", out);
    const back = await run("tokenize", "--decode", tokens, "-o", decoded);
    expect(back.stdout).toBe(`${join(decoded, "a.png")}\n${join(decoded, "b.png")}\n`);
    for (const name of ["a", "b"]) {
      const wanted = await readPicture(join(out, `${name}-reconstructed.png`));
      const found = await readPicture(join(decoded, `${name}.png`));
      // two graphs of the same sum round differently at most
      expect(psnr(wanted, found)).toBeGreaterThan(48);
    }
  });

  it("refuses ids of another tokenizer, and ids that are none", async () => {
    await run("tokenize", join(pictures, "a.png"), "-o", tokens, "--force");
    const other = join(root, "other");
    await writeTinyModel(other, { seed: 2 });
    const wrong = await runCaptured(["tokenize", "--decode", tokens, "-m", other]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain(
      "expected ids of the tokenizer of other, got ids of another one",
    );
    const file = JSON.parse((await run("tokenize", join(pictures, "a.png"))).stdout);
    file.pictures[0].ids[1][2] = 32;
    writeFileSync(tokens, JSON.stringify(file));
    const large = await run("tokenize", "--decode", tokens, "-o", join(root, "none"));
    expect(large.code).toBe(1);
    expect(large.stderr).toContain(`${tokens}: a.png: expected ids from 0 to 31, got 32`);
    file.pictures[0].ids.pop();
    writeFileSync(tokens, JSON.stringify(file));
    const short = await run("tokenize", "--decode", tokens, "-o", join(root, "none"));
    expect(short.stderr).toContain("expected 1 4 9 16 ids, got 1 4 9");
    expect((await run("tokenize")).code).toBe(2);
  });
});
