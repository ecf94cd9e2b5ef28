/**
 * Bad input of every kind that a user meets: one clear line, its exit code, and nothing that was
 * there before is lost.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../src/checkpoints/safetensors.ts";
import { runCaptured } from "../src/cli/captured.ts";
import { writeTinyModel } from "./models/tiny-model.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-bad-input-"));
const model = join(root, "tiny");
beforeAll(() => writeTinyModel(model));
afterAll(() => rmSync(root, { recursive: true }));

/** A copy of the model, to be damaged. */
function damaged(name: string): string {
  const folder = join(root, name);
  cpSync(model, folder, { recursive: true });
  return folder;
}

/** Runs quietly: what is left on stderr is the error. */
async function failing(...words: string[]) {
  const { code, stdout, stderr } = await runCaptured([...words, "-q"]);
  expect(stdout).toBe("");
  const [line = "", ...hints] = stderr.trimEnd().split("\n");
  expect(line).toMatch(/^error: /);
  for (const hint of hints) expect(hint).toMatch(/^ {2}\S/);
  return { code, line: line.replaceAll(root, "ROOT"), hints };
}

const generate = (folder: string, ...words: string[]) =>
  failing("generate", "rocket", "-m", folder, "-o", `${join(root, "out")}/`, ...words);

describe("bad input", () => {
  it("a missing model", async () => {
    const { code, line } = await generate("no-such-model");
    expect({ code, line }).toEqual({
      code: 2,
      line: 'error: model "no-such-model": expected a model folder or the name of a shipped model, got neither',
    });
  });

  it("an empty folder as a model, and as pictures", async () => {
    const empty = join(root, "empty");
    mkdirSync(empty);
    expect(await generate(empty)).toMatchObject({
      code: 2,
      line: expect.stringContaining("got a folder without config.json"),
    });
    expect(await failing("reconstruct", empty, "-m", model)).toMatchObject({
      code: 1,
      line: "error: ROOT/empty: expected a folder with pictures, got one without",
    });
  });

  it("a truncated checkpoint", async () => {
    const folder = damaged("truncated");
    const path = join(folder, "model.safetensors");
    truncateSync(path, readFileSync(path).length - 100);
    expect(await generate(folder)).toMatchObject({
      code: 1,
      line: expect.stringMatching(
        /^error: ROOT\/truncated\/model\.safetensors: expected \d+ bytes of tensor data, as the header says, got \d+ bytes$/,
      ),
    });
    writeFileSync(path, "");
    expect((await generate(folder)).line).toContain(
      "model.safetensors: expected at least 10 bytes",
    );
  });

  it("wrong shapes in a checkpoint", async () => {
    const folder = damaged("shapes");
    const path = join(folder, "model.safetensors");
    const tensors = new Map(await readSafetensors(path));
    const embedding = tensors.get("wordEmbedding.weight")!;
    tensors.set("wordEmbedding.weight", { ...embedding, shape: [4, 16] });
    tensors.delete("wordEmbedding.bias");
    await writeSafetensors(path, tensors);
    const { code, line, hints } = await generate(folder);
    expect(code).toBe(1);
    expect(line).toContain("ROOT/shapes/model.safetensors: expected the");
    expect(line).toContain("1 missing: wordEmbedding.bias");
    expect(line).toContain("1 wrong: wordEmbedding.weight [4, 16] instead of [16, 4]");
    expect(hints).toEqual(["  The file was made for another model or other sizes"]);
  });

  it("sizes in config.json that make no sense", async () => {
    const folder = damaged("config");
    const path = join(folder, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    config.parts.depth = "two";
    config.parts.tokenizer.scales = [];
    writeFileSync(path, JSON.stringify(config));
    const { code, line } = await generate(folder);
    expect(code).toBe(2);
    expect(line).toContain("ROOT/config/config.json: expected the sizes of a VAR");
    expect(line).toContain("depth");
    expect(line).toContain("scales");
  });

  it("a text file named .png", async () => {
    const path = join(root, "text.png");
    writeFileSync(path, "this is no picture\n");
    for (const words of [["reconstruct"], ["tokenize"], ["edit", "--outpaint", "2"]]) {
      expect(await failing(...words, path, "-m", model)).toMatchObject({
        code: 1,
        line: "error: ROOT/text.png: expected a picture (PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG), got text",
      });
    }
  });

  it("an impossible size", async () => {
    expect(await generate(model, "--size", "300x200")).toMatchObject({
      code: 2,
      line: "error: size 300x200 does not fit tiny",
    });
    expect((await generate(model, "--size", "-4")).code).toBe(2);
  });

  it("an unknown flag, in every command", async () => {
    for (const [command, flag, meant] of [
      ["generate", "--tempratur", "--temperature"],
      ["edit", "--maks", "--mask"],
      ["reconstruct", "--gird", "--grid"],
      ["tokenize", "--decod", "--decode"],
      ["parity", "--devise", "--device"],
      ["systems", "--jsn", "--json"],
      ["info", "--jsno", "--json"],
      ["doctor", "--verbos", "--verbose"],
    ] as const) {
      const { code, line } = await failing(command, flag);
      expect({ code, line }).toEqual({
        code: 2,
        line: `error: unknown option ${flag}: did you mean ${meant}?`,
      });
    }
  });

  it("a place that cannot be written", async () => {
    const file = join(root, "file");
    writeFileSync(file, "mine");
    const { code } = await failing("generate", "rocket", "-m", model, "-o", `${file}/`);
    expect(code).toBe(1);
    expect(readFileSync(file, "utf8")).toBe("mine");
    const ending = await generate(model, "-o", join(root, "a.bmp"));
    expect(ending.code).toBe(2);
    expect(ending.line).toContain("--output: expected a file ending in .png, .jpg, .jpeg, .webp");
  });
});

describe("a full disk", () => {
  const disk = join(root, "disk");
  mkdirSync(disk);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status === 0;
  if (!mounted)
    console.warn("The test of a full disk is skipped: file systems cannot be mounted here.");
  afterAll(() => {
    if (mounted) spawnSync("umount", [disk]);
  });

  it.skipIf(!mounted)("is named, and what was there stays whole", async () => {
    const picture = join(disk, "rocket-7.png");
    const words = ["generate", "rocket", "-s", "7", "-m", model, "-o", `${disk}/`];
    expect((await runCaptured(words)).code).toBe(0);
    const before = readFileSync(picture);
    writeFileSync(join(disk, "fill"), new Uint8Array(60_000 - before.length));
    const { code, line, hints } = await failing(...words, "--force", "--frames");
    expect(code).toBe(1);
    expect(line).toMatch(/^error: the disk is full: could not write ROOT\/disk\/rocket-7/);
    expect(hints).toEqual(["  Free some space, or write elsewhere."]);
    expect(readFileSync(picture).equals(before)).toBe(true);
    expect(readdirSync(disk).filter((name) => name !== "fill")).toEqual(["rocket-7.png"]);
  });
});
