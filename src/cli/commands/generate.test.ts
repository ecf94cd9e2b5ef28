import { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noisePicture } from "../../../test/data/fixtures.ts";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { readRecipeFile } from "../../images/read-recipe.ts";
import { writePicture } from "../../images/write.ts";
import { runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-generate-"));
const model = join(root, "tiny");
const classes = join(root, "classes");
beforeAll(async () => {
  await writeTinyModel(model);
  await writeTinyModel(classes, { classNames: ["cat", "dog", "sheep"] });
});
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => `${join(root, `out${folders++}`)}/`;

function generate(...words: string[]) {
  return runCaptured(["generate", ...words], { env: { ORDO_MODEL: model } });
}

describe("generate", () => {
  it("writes the same bytes every time, and picture i is the single picture of seed + i", async () => {
    const [first, second, single] = [newFolder(), newFolder(), newFolder()];
    await generate("red apple", "-n", "3", "--seed", "7", "-o", first);
    await generate("red apple", "-n", "3", "--seed", "7", "-o", second);
    expect(readdirSync(first)).toEqual(["red-apple-7.png", "red-apple-8.png", "red-apple-9.png"]);
    const bytes = (folder: string, name: string) => readFileSync(join(folder, name));
    for (const name of readdirSync(first)) {
      expect(bytes(second, name).equals(bytes(first, name))).toBe(true);
    }
    await generate("red apple", "--seed", "9", "-o", single);
    expect(bytes(single, "red-apple-9.png").equals(bytes(first, "red-apple-9.png"))).toBe(true);
    expect(bytes(first, "red-apple-8.png").equals(bytes(first, "red-apple-9.png"))).toBe(false);
  });

  it("prints file names, and everything else beside them", async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await generate("rocket", "blue boat", "-s", "5", "-o", folder);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${join(folder, "rocket-5.png")}\n${join(folder, "blue-boat-5.png")}\n`,
    });
    const lines = stderr.trim().split("\n");
    expect(lines[0]).toMatch(
      /^tiny · VAR: next-scale prediction · 47\.1 k parameters · fp32 · cpu/,
    );
    expect(lines.at(-2)).toMatch(/^2 pictures · 4 steps · \d+\.\d s · seed 5$/);
    expect(lines.at(-1)).toBe(
      `Next: ordo generate rocket "blue boat" -m ${model} --seed 5 --frames`,
    );
  });

  it("gives one object under --json", async () => {
    const folder = newFolder();
    const { stdout } = await generate("rocket", "-s", "5", "-n", "2", "-o", folder, "--json", "-q");
    const data = JSON.parse(stdout);
    expect(data).toMatchObject({
      model: "tiny",
      system: "var",
      seed: 5,
      files: [join(folder, "rocket-5.png"), join(folder, "rocket-6.png")],
    });
    expect(data.pictures[1]).toEqual({ file: data.files[1], prompt: "rocket", seed: 6 });
    expect(data.seconds).toBeGreaterThan(0);
  });

  it("chooses a seed, prints it and stores it", async () => {
    const folder = newFolder();
    const { stderr, stdout } = await generate("rocket", "-o", folder);
    const seed = Number(/· seed (\d+)$/m.exec(stderr)?.[1]);
    const found = await readRecipeFile(stdout.trim());
    expect(found?.recipe).toMatchObject({ seed, index: 0, prompt: "rocket", model: "tiny" });
    expect(stdout).toContain(`rocket-${seed}.png`);
  });

  it("makes a picture again from its recipe; flags win", async () => {
    const folder = newFolder();
    const flags = ["--guidance", "3", "--top-k", "9", "--temperature", "0.8", "--smooth"];
    await generate("red apple", "-s", "3", ...flags, "-o", join(folder, "a.png"));
    await generate("--from", join(folder, "a.png"), "-o", join(folder, "b.png"));
    await generate("--from", join(folder, "a.png"), "-s", "4", "-o", join(folder, "c.png"));
    const [a, b, c] = ["a", "b", "c"].map((name) => readFileSync(join(folder, `${name}.png`)));
    expect(b!.equals(a!)).toBe(true);
    expect(c!.equals(a!)).toBe(false);
    const found = await readRecipeFile(join(folder, "c.png"));
    expect(found?.recipe).toMatchObject({
      seed: 4,
      prompt: "red apple",
      guidance: 3,
      topK: 9,
      temperature: 0.8,
      sampling: { smooth: true },
    });
  });

  it("computes in the format asked for, records it, and follows it again", async () => {
    const folder = newFolder();
    const draw = (...words: string[]) => generate("rocket", "-s", "3", ...words);
    await draw("-o", join(folder, "fp32.png"));
    const { stderr } = await draw("--weights", "int8", "-o", join(folder, "int8.png"));
    expect(stderr).toMatch(/ · int8 · cpu/);
    expect(stderr).toMatch(/^Next: .* --weights int8 --seed 3/m);
    await generate("--from", join(folder, "int8.png"), "-o", join(folder, "again.png"));
    const again = readFileSync(join(folder, "again.png"));
    expect(again.equals(readFileSync(join(folder, "int8.png")))).toBe(true);
    const recipeOf = async (name: string) =>
      (await readRecipeFile(join(folder, name)))?.recipe?.device;
    expect(await recipeOf("fp32.png")).toBe("cpu");
    expect(await recipeOf("int8.png")).toBe("cpu int8");
  });

  it("computes in the precision asked for, records it, and follows it again", async () => {
    const folder = newFolder();
    const path = join(folder, "narrow.png");
    const { stderr } = await generate("rocket", "-s", "3", "--precision", "fp16", "-o", path);
    expect(stderr).toMatch(/ · fp32 · cpu \(.*\) in fp16/);
    expect(stderr).toContain("--precision fp16 on the CPU rounds as a GPU would");
    expect(stderr).toMatch(/^Next: .* --precision fp16 --seed 3/m);
    expect((await readRecipeFile(path))?.recipe?.device).toBe("cpu products-fp16");
    await generate("--from", path, "-o", join(folder, "again.png"));
    expect(readFileSync(join(folder, "again.png")).equals(readFileSync(path))).toBe(true);
    const { code, stderr: wrong } = await generate("rocket", "--precision", "fp8");
    expect(code).toBe(2);
    expect(wrong).toContain("--precision: expected one of fp32, fp16, got");
  });

  it("says that a picture without a recipe cannot be followed", async () => {
    const path = join(root, "plain.png");
    await writePicture(noisePicture(1, 8, 8), path);
    const { code, stderr } = await generate("--from", path);
    expect(code).toBe(2);
    expect(stderr).toContain(`expected a picture with a recipe by Ordo, got none in ${path}`);
  });

  it("reads prompts from stdin", async () => {
    const folder = newFolder();
    const { stdout } = await runCaptured(["generate", "-", "-s", "1", "-m", model, "-o", folder], {
      stdin: "rocket\n\n  red apple \n",
    });
    expect(stdout).toBe(`${join(folder, "rocket-1.png")}\n${join(folder, "red-apple-1.png")}\n`);
    const none = await runCaptured(["generate", "-", "-m", model]);
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toContain("expected lines on stdin");
  });

  it("keeps every step as a strip and an animation", async () => {
    const folder = newFolder();
    const { stdout } = await generate("rocket", "-s", "2", "--frames", "-o", folder);
    const [picture, strip, animation] = stdout.trim().split("\n");
    expect([strip, animation]).toEqual([
      join(folder, "rocket-2-frames.png"),
      join(folder, "rocket-2-frames.webp"),
    ]);
    const sizes = await Promise.all(
      [picture, strip, animation].map((file) => sharp(file).metadata()),
    );
    expect(sizes.map(({ width }) => width)).toEqual([16, 4 * 128 + 5 * 2, 256]);
    expect(sizes[2]).toMatchObject({ pages: 4, delay: [350, 350, 350, 1800] });
  });

  it("writes other formats, with the recipe unless it is not wanted", async () => {
    const folder = newFolder();
    await generate("rocket", "-s", "2", "--format", "webp", "-o", folder);
    await generate("rocket", "-s", "2", "-o", join(folder, "bare.png"), "--no-metadata");
    expect((await readRecipeFile(join(folder, "rocket-2.webp")))?.recipe?.seed).toBe(2);
    expect(await readRecipeFile(join(folder, "bare.png"))).toBeNull();
  });

  it("overwrites nothing unless it is told to", async () => {
    const folder = newFolder();
    await generate("rocket", "-s", "2", "-o", folder);
    const path = join(folder, "rocket-2.png");
    writeFileSync(path, "mine");
    expect((await generate("rocket", "-s", "2", "-o", folder)).stdout).toBe(
      `${join(folder, "rocket-2-2.png")}\n`,
    );
    expect(readFileSync(path, "utf8")).toBe("mine");
    await generate("rocket", "-s", "2", "-o", folder, "--force");
    expect(readFileSync(path, "utf8")).not.toBe("mine");
  });

  it("warns once of words it has not learned, and suggests those near them", async () => {
    const { code, stderr } = await generate("red aple", "aple qzx", "-o", newFolder());
    expect(code).toBe(0);
    expect(stderr.match(/warning/g)).toHaveLength(1);
    expect(stderr).toContain("warning: tiny has not learned aple (near: apple), qzx: ");
  });

  it("draws classes by name or number, and says what it cannot draw", async () => {
    const draw = (...words: string[]) => runCaptured(["generate", "-m", classes, ...words]);
    const folder = newFolder();
    for (const words of [["Dog"], ["--class", "dog"], ["--class", "1"]]) {
      const { stdout } = await draw(...words, "-s", "4", "--force", "-o", folder);
      expect((await readRecipeFile(stdout.trim()))?.recipe?.classLabel).toBe("dog");
    }
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    expect(files).toHaveLength(2);
    expect(files[0]!.equals(files[1]!)).toBe(true);
    const again = await draw("--from", join(folder, "dog-4.png"), "-o", join(folder, "again.png"));
    expect(readFileSync(again.stdout.trim()).equals(files[0]!)).toBe(true);
    const wrong = await draw("dgo");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      'error: prompt: classes draws a class from 0 to 2 or its name, got "dgo"\n  Did you mean dog?',
    );
    expect((await draw("--class", "3")).code).toBe(2);
    const words = await generate("--class", "1");
    expect(words.code).toBe(2);
    expect(words.stderr).toContain('error: --class: tiny draws from words, got class "1"');
  });

  it("says which sizes there are", async () => {
    const { code, stderr } = await generate("rocket", "--size", "300", "-q");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "error: size 300x300 does not fit tiny\n" +
        "  it makes 16x16 pictures (4 pixels per token, maps up to 4x4)\n" +
        `  try: ordo generate rocket -m ${model} --size 16\n`,
    });
    expect((await generate("rocket", "--size", "16", "-o", newFolder())).code).toBe(0);
  });

  it("asks for something to draw, and for seeds that fit", async () => {
    const nothing = await generate();
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain("expected what to draw");
    const seeds = await generate("rocket", "-s", "4294967295", "-n", "2");
    expect(seeds.code).toBe(2);
    expect(seeds.stderr).toContain("--seed: expected at most 4294967294 for 2 pictures");
  });

  it("stops within a step on Ctrl-C, exits 130 and leaves what is finished", async () => {
    const folder = newFolder();
    const signals = new EventEmitter();
    const words = ["generate", "rocket", "-n", "5000", "-s", "0", "-m", model, "-o", folder];
    const running = runCaptured([...words, "--json"], { signals });
    const watch = setInterval(() => {
      if (existsSync(join(folder, "rocket-1.png"))) signals.emit("SIGINT");
    }, 5);
    const { code, stdout, stderr } = await running;
    clearInterval(watch);
    expect(code).toBe(130);
    const { files, stopped } = JSON.parse(stdout);
    expect(stopped).toBe(true);
    expect(files.length).toBeGreaterThanOrEqual(2);
    expect(readdirSync(folder)).toHaveLength(files.length);
    expect(stderr).toContain(`stopped: ${files.length} of 5000 pictures are written`);
  });
});
