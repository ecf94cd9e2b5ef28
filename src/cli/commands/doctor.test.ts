import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";
import { examine } from "./doctor.ts";
import { checkMemory, checkNode } from "./doctor-checks.ts";

const folder = mkdtempSync(join(tmpdir(), "ordo-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("doctor", () => {
  it("finds engine and picture library, and says so in one object", async () => {
    const { code, stdout } = await runCaptured(["doctor", "--json"], {
      env: { ORDO_HOME: folder },
    });
    expect(code).toBe(0);
    const { ok, checks } = JSON.parse(stdout);
    expect(ok).toBe(true);
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: "engine",
        state: "ok",
        values: expect.objectContaining({ providers: expect.arrayContaining(["cpu"]) }),
      }),
    );
    expect(checks).toContainEqual(expect.objectContaining({ name: "pictures", state: "ok" }));
  });

  it("exits 1 and gives the remedy when something needed is missing", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { code, stdout } = await runCaptured(["doctor"], { env: { ORDO_HOME: file } });
    expect(code).toBe(1);
    expect(stdout).toContain("cannot be written");
    expect(stdout).toContain("Set ORDO_HOME");
    expect(stdout).toContain("1 failed");
  });

  it("goes on after a check that throws", async () => {
    const findings = await examine(
      [
        { name: "broken", run: () => Promise.reject(new Error("cannot load\nlong story")) },
        { name: "fine", run: async () => ({ state: "ok", detail: "yes" }) },
      ],
      {},
    );
    expect(findings.map(({ name, state, detail }) => `${name} ${state} ${detail}`)).toEqual([
      "broken failed cannot load",
      "fine ok yes",
    ]);
  });

  it("knows which Node and how much memory are enough", () => {
    expect(["18.20.0", "20.8.1", "20.9.0", "24.1.0"].map((v) => checkNode(v).state)).toEqual([
      "failed",
      "failed",
      "ok",
      "ok",
    ]);
    expect(checkMemory(2 ** 29, 2 ** 31)).toMatchObject({
      state: "warning",
      detail: "0.5 GB free of 2.0 GB",
    });
  });
});
