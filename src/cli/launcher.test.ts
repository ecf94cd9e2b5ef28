import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { exitCodeOf, needsRelaunch } from "./launcher.ts";

const bin = fileURLToPath(new URL("./bin.ts", import.meta.url));
const node = ["--import", "tsx"];

describe("launcher", () => {
  const linux = { platform: "linux", env: {}, argv: ["train", "r.json"] };

  it("starts Node again once, on Linux, for commands that train", () => {
    expect(needsRelaunch(linux)).toBe(true);
    expect(needsRelaunch({ ...linux, env: { GLIBC_TUNABLES: "" } })).toBe(false);
    expect(needsRelaunch({ ...linux, platform: "darwin" })).toBe(false);
    for (const argv of [[], ["--version"], ["train", "-h"], ["generate", "train"]]) {
      expect(needsRelaunch({ ...linux, argv })).toBe(false);
    }
  });

  it("passes on how the child ended", () => {
    expect(exitCodeOf(2, null)).toBe(2);
    expect(exitCodeOf(null, "SIGINT")).toBe(130);
    expect(exitCodeOf(null, "SIGKILL")).toBe(137);
    expect(exitCodeOf(null, null)).toBe(1);
  });

  it("hands words, output and exit code through, from TypeScript sources too", () => {
    const env = { ...process.env, GLIBC_TUNABLES: undefined, NO_COLOR: "1" };
    const words = [...node, bin, "train", "--no-such-flag"];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      env,
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*--no-such-flag/);
  });
});
