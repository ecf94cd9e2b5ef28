import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { freePath, namedOutputs } from "./named-outputs.ts";
import { shellWord } from "./shell-word.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-outputs-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("namedOutputs", () => {
  it("gives each name a free file in the folder", async () => {
    writeFileSync(join(root, "a.png"), "");
    const output = `${root}/`;
    expect(await namedOutputs({ output, names: ["a", "b", "b"], force: false })).toEqual(
      ["a-2.png", "b.png", "b-2.png"].map((name) => join(root, name)),
    );
    expect(await namedOutputs({ output, names: ["a", "a"], force: true })).toEqual(
      ["a.png", "a-2.png"].map((name) => join(root, name)),
    );
  });

  it("takes a file for one picture, not for two", async () => {
    const output = join(root, "deep", "x.webp");
    expect(await namedOutputs({ output, names: ["a"], force: false })).toEqual([output]);
    await expect(namedOutputs({ output, names: ["a", "b"], force: false })).rejects.toThrow(
      "--output: expected a folder, got 2 pictures for",
    );
  });
});

describe("freePath", () => {
  it("puts the number before the ending", () => {
    const taken = new Set(["t.json", "t-2.json", ".x/none"]);
    expect(freePath("t.json", (path) => taken.has(path))).toBe("t-3.json");
    expect(freePath(".x/none", (path) => taken.has(path))).toBe(".x/none-2");
    expect(freePath("free.json", (path) => taken.has(path))).toBe("free.json");
  });
});

describe("shellWord", () => {
  it("quotes only what a shell would take apart", () => {
    expect(["rocket", "a/b.png", "café"].map(shellWord)).toEqual(["rocket", "a/b.png", "café"]);
    expect(shellWord("red apple")).toBe('"red apple"');
    expect(shellWord('say "$x`"')).toBe('"say \\"\\$x\\`\\""');
  });
});
