import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-eval-weights-"));
beforeAll(() => writeTinyModel(root));
afterAll(() => rmSync(root, { recursive: true }));

const run = (...words: string[]) => runCaptured(["eval-weights", root, ...words]);

describe("eval-weights", () => {
  it("shows a row for each format, fp32 first", async () => {
    const { code, stdout } = await run("-n", "1", "--seed", "4");
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/ on cpu: 30 tokens of 1 pictures, seed 4$/);
    expect(lines[1]).toMatch(
      /weights +products +logit error +largest +argmax +draws +MB +ms a picture/,
    );
    const formats = lines.slice(2).map((line) => line.split(" ")[0]);
    expect(formats.filter((word) => /^(fp|int)/.test(word!))).toEqual([
      "fp32",
      "fp16",
      "int8",
      "int4",
    ]);
  });

  it("gives the same numbers under --json", async () => {
    const { stdout } = await run("--weights", "int8,int4", "-n", "1", "--json");
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ device: "cpu", pictures: 1, seed: 1 });
    expect(report.formats).toHaveLength(3);
    expect(report.formats[0]).toMatchObject({ weights: "fp32", relativeRms: 0, changedArgmax: 0 });
    expect(Object.keys(report.formats[1]).sort()).toEqual([
      "bytes",
      "changedArgmax",
      "changedDraws",
      "largest",
      "msPerPicture",
      "precision",
      "relativeRms",
      "tokens",
      "weights",
    ]);
  });

  it("names the formats when it does not know one", async () => {
    const { code, stderr } = await run("--weights", "int8,int3");
    expect(code).toBe(2);
    expect(stderr).toContain("--weights: expected formats out of fp16, int8, int4");
  });
});
