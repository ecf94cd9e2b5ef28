import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { writePicture } from "../../images/write.ts";
import { landscape } from "../../procedural/landscapes.ts";
import type { BenchResult } from "../../vtbench/result.ts";
import { runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-vtbench-"));
const model = join(root, "tiny");
const pictures = join(root, "pictures");
beforeAll(async () => {
  await writeTinyModel(model);
  mkdirSync(pictures);
  await writePicture(landscape(1, 0, 40, 24), join(pictures, "a.png"));
  await writePicture(landscape(1, 2, 24, 24), join(pictures, "b.png"));
});
afterAll(() => rmSync(root, { recursive: true }));

const run = (...words: string[]) => runCaptured(["vtbench", "--tokenizers", model, ...words]);
const own = ["--data", pictures, "--tasks", "reconstruction"];

describe("vtbench", () => {
  it("ranks anchors, codecs and tokenizers, the identity first", async () => {
    const { code, stdout } = await run(...own);
    expect(code).toBe(0);
    const [heading, first, ...rest] = stdout.trim().split("\n");
    expect(heading).toMatch(/^rank +codec +bits\/px +PSNR +SSIM/);
    expect(heading).not.toMatch(/CER|retention|perceptual/);
    expect(first).toMatch(/^1\.0 +identity +24\.00 +equal +1\.000/);
    const names = rest.map((line) => line.trim().split(/\s+/)[1]);
    expect(names.sort()).toEqual(
      [
        ...["bicubic-2", "bicubic-4", "bicubic-8", "jpeg-25", "jpeg-75"],
        ...["jpeg@tiny", "tiny", "webp-50", "webp@tiny"],
      ].sort(),
    );
  });

  it("writes the result with every setting, the plot and the sheets", async () => {
    const out = join(root, "out");
    const { code, stdout, stderr } = await run(...own, "-o", out, "--json");
    expect(code).toBe(0);
    const { files, ...result } = JSON.parse(stdout) as BenchResult & {
      files: Record<string, string>;
    };
    expect(JSON.parse(readFileSync(join(out, "result.json"), "utf8"))).toEqual(result);
    expect(Object.keys(files)).toEqual(["result", "plot", "sheet-data-reconstruction"]);
    for (const file of [...Object.values(files), join(out, "rate-distortion.svg")]) {
      expect(existsSync(file)).toBe(true);
    }
    expect(result.codecs.find(({ name }) => name === "tiny")).toMatchObject({
      nativeSize: { width: 16, height: 16 },
      weights: expect.stringMatching(/^sha256:/),
    });
    // pictures this small cannot hold a file's header in the bits of few tokens
    expect(result.warnings.join()).toContain("jpeg@tiny failed on 2 of data-reconstruction");
    expect(stderr).toContain("warning: jpeg@tiny failed");
  });

  it("compares at 256 pixels under the official quirks", async () => {
    const { code, stdout } = await run(...own, "--official-quirks", "--json");
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as BenchResult;
    expect(result.officialQuirks).toBe(true);
    const identity = result.scores.find(({ codec }) => codec === "identity");
    expect(identity).toMatchObject({ equal: 2, psnrPooled: null, bitsPerPixel: 24 });
  });

  it("stops after the picture at hand", async () => {
    const signals = new EventEmitter();
    const running = runCaptured(["vtbench", "--tokenizers", model, ...own], { signals });
    setTimeout(() => signals.emit("SIGINT"), 0);
    expect(await running).toMatchObject({ code: 130, stdout: "" });
  });

  it("refuses lists that it does not know", async () => {
    const { code, stderr } = await run("--tasks", "text,speed");
    expect(code).toBe(2);
    expect(stderr).toContain(
      '--tasks: expected some of reconstruction,detail,text, got "text,speed"',
    );
    const missing = await runCaptured(["vtbench", "--tokenizers", join(root, "none"), "--quick"]);
    expect(missing.code).not.toBe(0);
  });
});
