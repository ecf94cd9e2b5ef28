import { EventEmitter } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import { runCaptured } from "../captured.ts";

const root = mkdtempSync(join(tmpdir(), "ordo-scenes-"));
const at = (...names: string[]) => join(root, ...names);
afterAll(() => rmSync(root, { recursive: true }));

const draw = (...argv: string[]) => runCaptured(["scenes", at("scenes"), "-n", "12", ...argv]);

describe("scenes", () => {
  it("are a data set with their prompts, and are not drawn twice", async () => {
    const { code, stdout } = await draw();
    expect([code, stdout]).toEqual([0, `12 pictures in ${at("scenes")}\n`]);
    const lines = readFileSync(at("scenes", "metadata.jsonl"), "utf8").trim().split("\n");
    expect(lines).toHaveLength(12);
    const before = statSync(at("scenes", "000011.png")).mtimeMs;
    await draw();
    expect(statSync(at("scenes", "000011.png")).mtimeMs).toBe(before);
  });

  it("does not take a file for a folder", async () => {
    const file = at("scenes", "metadata.jsonl");
    const { code, stderr } = await runCaptured(["scenes", file, "-n", "2"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${file}: something else of this name is there already`);
  });

  it("refuses a folder of other scenes", async () => {
    const { code, stderr } = await draw("--seed", "2");
    expect(code).toBe(2);
    expect(stderr).toContain('expected pictures of these settings, got others ("seed": 1)');
  });
});

describe("eval scenes", () => {
  it("judges pictures that come with their prompts, and shows them", async () => {
    const out = at("judged");
    const { code, stdout } = await runCaptured(["eval", "scenes", at("scenes"), "-o", out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^SceneEval\[shapes-by-rule-1\] +1\.000 +1\.000 … 1\.000 +floor 1\.000$/m,
    );
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page.match(/<figure class="right">/g)).toHaveLength(12);
    const result = JSON.parse(readFileSync(join(out, "result.json"), "utf8"));
    expect(result).toMatchObject({ kind: "scenes", subject: { name: "scenes", count: 12 } });
    const same = await runCaptured(["eval", "compare", out, out]);
    expect(same.stdout).toMatch(/^SceneEval.* equal$/m);
  });

  it("draws every prompt with a model, and says why pictures are wrong", async () => {
    await writeTinyModel(at("model"));
    const asked = ["eval", "scenes", at("model"), "-n", "1", "-o", at("by-model")];
    const sample = (i: number) => at("by-model", "samples", `${String(i).padStart(6, "0")}.png`);
    const signals = new EventEmitter();
    const stopped = runCaptured(asked, { signals });
    while (!existsSync(sample(2))) await new Promise((done) => setTimeout(done, 5));
    signals.emit("SIGINT");
    expect((await stopped).code).toBe(130);
    // the others would take a minute
    for (let i = 3; i < 304; i++) if (!existsSync(sample(i))) copyFileSync(sample(0), sample(i));
    const { code, stdout, stderr } = await runCaptured(asked);
    expect([code, stderr]).toEqual([0, expect.stringContaining("drawing 305/305")]);
    expect(existsSync(sample(304))).toBe(true);
    expect(stdout).toMatch(/^position SceneEval/m);
    const page = readFileSync(at("by-model", "report.html"), "utf8");
    expect(page).toContain('<figure class="wrong">');
    expect(page).toMatch(/expected 1 of \w+, found 0/);
  });

  it("tells what it can be asked", async () => {
    const { code, stderr } = await runCaptured(["eval", "scenes", "--data", "x"]);
    expect(code).toBe(2);
    expect(stderr).toContain("eval scenes: expected a model, or a folder of pictures with their");
    expect(stderr).toContain("--data has no meaning for eval scenes");
    const one = await runCaptured(["eval", "samples", "x", "--reference", "y", "-n", "1"]);
    expect(one.stderr).toContain("--count: expected 2 pictures or more, got 1");
  });
});
