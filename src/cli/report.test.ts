import { describe, expect, it } from "vitest";
import { CheckpointError, ConfigError, DataError } from "../errors.ts";
import { report } from "./report.ts";
import { UsageError } from "./usage-error.ts";

function systemError(code: string, path?: string): Error {
  return Object.assign(new Error(`${code}: as node says it`), { code, path, syscall: "open" });
}

describe("report", () => {
  it("says what is wrong in one line and gives the remedy below", () => {
    const error = new ConfigError({
      where: "--size",
      expected: "64x64",
      got: "300x300",
      hint: "ordo generate rocket --size 64",
    });
    expect(report(error)).toMatchObject({
      lines: ["--size: expected 64x64, got 300x300", "try: ordo generate rocket --size 64"],
      exitCode: 2,
      data: { code: "config", hint: "ordo generate rocket --size 64" },
    });
  });

  it("leaves hints that are no command as sentences", () => {
    const facts = {
      where: "a.safetensors",
      expected: "120 bytes",
      got: "80",
      hint: "It is cut off.",
    };
    expect(report(new CheckpointError(facts))).toMatchObject({
      lines: ["a.safetensors: expected 120 bytes, got 80", "It is cut off."],
      exitCode: 1,
    });
  });

  it("lists all problems of a command line", () => {
    const error = new UsageError(["--seed: bad", "--count: bad"], "ordo generate --help");
    expect(report(error)).toMatchObject({
      lines: ["2 bad values", "--seed: bad", "--count: bad", "try: ordo generate --help"],
      exitCode: 2,
    });
  });

  it("recognises a full disk, also inside another error or in a library's words", () => {
    const full = systemError("ENOSPC", "out/a.png");
    const facts = { where: "run", expected: "a checkpoint", got: "none" };
    for (const error of [full, new CheckpointError(facts, { cause: full })]) {
      expect(report(error)).toMatchObject({
        lines: [
          "the disk is full: could not write out/a.png",
          "Free some space, or write elsewhere.",
        ],
        exitCode: 1,
      });
    }
    expect(report(new Error("vips: No space left on device")).lines[0]).toBe("the disk is full");
  });

  it("names the file of an error of its own where the system does not", () => {
    const facts = { where: "out/b.png", expected: "to write the file", got: "a full disk" };
    const error = new DataError(facts, { cause: systemError("ENOSPC") });
    expect(report(error).lines[0]).toBe("the disk is full: could not write out/b.png");
  });

  it("says between a problem and its remedy what would be right", () => {
    const error = new UsageError(["size 3x3 does not fit"], "ordo generate", "it makes 64x64");
    expect(report(error).lines).toEqual([
      "size 3x3 does not fit",
      "it makes 64x64",
      "try: ordo generate",
    ]);
  });

  it("lets no file control the terminal", () => {
    const error = new ConfigError({ where: "a.json", expected: "JSON", got: "\u001b[2Jx\u0000" });
    expect(report(error).lines).toEqual(["a.json: expected JSON, got [2Jx"]);
  });

  it("puts the system's codes into words", () => {
    expect(report(systemError("ENOENT", "models/x")).lines).toEqual([
      "models/x: no such file or folder",
    ]);
    expect(report(systemError("ESTALE")).lines).toEqual(["ESTALE: as node says it"]);
  });

  it("shows stack and causes only when asked, and takes anything that is thrown", () => {
    const error = new Error("outer\nsecond line", { cause: new Error("inner") });
    expect(report(error).lines).toEqual([
      "outer second line",
      "This is a fault of Ordo: run it again with --verbose and report what it prints.",
    ]);
    const all = report(error, { verbose: true }).lines.join("\n");
    expect(all).toContain("report.test.ts");
    expect(all).toContain("inner");
    expect(report("just text")).toMatchObject({ exitCode: 1, data: { code: "internal" } });
  });
});
