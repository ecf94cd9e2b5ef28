/** What users rely on when they install the package. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, root)), "utf8");
}

const manifest = JSON.parse(read("package.json")) as {
  readonly bin: { readonly ordo: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly license: string;
};

interface LockedPackage {
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

const locked = Object.entries(
  (JSON.parse(read("package-lock.json")) as { packages: Record<string, LockedPackage> }).packages,
);

describe("package", () => {
  it("pins the versions it was tested with", () => {
    for (const version of Object.values(manifest.dependencies)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it("installs from any registry", () => {
    expect(locked.filter(([, { resolved }]) => resolved?.startsWith("http"))).toEqual([]);
  });

  it("needs no install scripts: one fetches CUDA, one asks for donations", () => {
    const scripted = locked.filter(([path, { dev, hasInstallScript }]) => {
      return path !== "" && hasInstallScript && !dev;
    });
    expect(scripted.map(([path]) => path)).toEqual([
      "node_modules/onnxruntime-node",
      "node_modules/tesseract.js",
    ]);
  });

  it("has the command that it promises", () => {
    const source = manifest.bin.ordo.replace(/^dist/, "src").replace(/\.js$/, ".ts");
    expect(read(source)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it("states its licence", () => {
    expect(manifest.license).toBe("Apache-2.0");
    expect(read("LICENSE")).toContain("Apache License");
    expect(existsSync(fileURLToPath(new URL("NOTICE", root)))).toBe(true);
  });
});
