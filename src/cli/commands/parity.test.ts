import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";

const tiny = "test/golden/var-shared-adaln";

describe("ordo parity", () => {
  it("prints a row per tensor and exits 0 where all agree", async () => {
    const { code, stdout } = await runCaptured(["parity", tiny]);
    expect(code).toBe(0);
    expect(stdout).toContain("equal, 16 tensors");
    expect(stdout).toMatch(/sample_ids\.2\s+1x16\s+0\s+0\s+ok/);
  });

  it("exits 1 outside the tolerance and says where", async () => {
    const folder = join(await mkdtemp(join(tmpdir(), "ordo-parity-")), "case");
    await cp(tiny, folder, { recursive: true });
    const text = await readFile(join(folder, "case.json"), "utf8");
    // another seed makes other weights than the reference had
    await writeFile(join(folder, "case.json"), text.replace('"seed": 2', '"seed": 3'));
    const { code, stdout } = await runCaptured(["parity", folder, "--json"]);
    expect(code).toBe(1);
    const { cases } = JSON.parse(stdout) as { cases: [{ rows: { passed: boolean }[] }] };
    expect(cases[0].rows.every((row) => !row.passed)).toBe(true);
  });

  it("asks for a case", async () => {
    const { code, stderr } = await runCaptured(["parity"]);
    expect(code).toBe(2);
    expect(stderr).toContain("cases: expected case folders, got nothing");
  });

  it("says in one line that a folder is no case", async () => {
    const { code, stderr } = await runCaptured(["parity", "src"]);
    expect(code).toBe(1);
    expect(stderr).toContain("case.json");
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
  });
});
