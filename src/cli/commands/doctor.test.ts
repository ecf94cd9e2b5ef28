import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";
import { plainReason } from "../plain-reason.ts";
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
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: "cpu",
        state: "ok",
        values: {
          found: true,
          gflops: expect.any(Number),
          error: expect.any(Number),
          right: true,
        },
      }),
    );
    expect(checks).toContainEqual(
      expect.objectContaining({ name: "copies", state: "ok", values: { stopOutput: true } }),
    );
    // with or without a GPU it is no failure, and gives a reason
    const webgpu = checks.find(({ name }: { name: string }) => name === "webgpu");
    expect(webgpu.state).toBe(webgpu.values.found ? "ok" : "warning");
    expect(webgpu.detail).toMatch(
      /^float32 matrix products at [\d.]+ GFLOP\/s, right to .+, buffers of \d+ MiB, (no )?float16$|^no adapter: \w/,
    );
    // what this machine can hardly have is no warning, but is told with its reason
    const absent = checks.find(({ name }: { name: string }) => name === "dml");
    if (process.platform === "win32") return;
    expect(absent.state).toBe("absent");
    expect(absent.hint).toMatch(/^It is a part of Windows/);
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

  it("keeps of the engine's reason what a person can use", () => {
    const message =
      "webgpu while compiling: expected the engine to succeed, got /src/context.cc:136 Initialize() " +
      "status == Success was false. Failed to get a WebGPU adapter: No supported adapters";
    expect(plainReason(message)).toBe("Failed to get a WebGPU adapter: No supported adapters");
    expect(plainReason("out of luck.\nat line 3")).toBe("out of luck");
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
