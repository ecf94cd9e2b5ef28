import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { derivedClasses, entries } from "./index.ts";

const sheets = fileURLToPath(new URL("../../../shared/systems/", import.meta.url));
// definitions of measures; names no paper of its own
const noSystem = new Set(["metrics"]);

describe("entries", () => {
  it("cover 43 papers and the 4 systems they stand on", () => {
    expect(entries.filter(({ foundation }) => foundation).map(({ name }) => name)).toEqual([
      "infinity",
      "llamagen",
      "chameleon",
      "mar",
    ]);
    expect(entries).toHaveLength(43 + 4);
  });

  it("have names, titles and papers of their own", () => {
    for (const key of ["name", "label", "title", "arxiv"] as const) {
      const values = entries.map((entry) => entry[key]);
      expect(values.filter((value, i) => values.indexOf(value) !== i)).toEqual([]);
    }
  });

  it("have well-formed links, and the year that the number on arXiv begins with", () => {
    for (const { arxiv, year, code, name } of entries) {
      expect(arxiv, name).toMatch(/^\d{4}\.\d{5}$/);
      expect(`20${arxiv.slice(0, 2)}`, name).toBe(String(year));
      if (code) expect(code.repository, name).toMatch(/^[\w-]+\/[\w.-]+$/);
      expect(code?.licence, name).not.toBe("");
    }
  });

  it("build on each other without circles, and change something where they do", () => {
    const bases = new Map(entries.map((entry) => [entry.name, entry.bases]));
    const circle = (name: string, trail: readonly string[]): boolean =>
      trail.includes(name) || bases.get(name)!.some((base) => circle(base, [...trail, name]));
    for (const { name, bases: own, changes } of entries) {
      expect(own.filter((base) => !bases.has(base))).toEqual([]);
      expect(circle(name, []), name).toBe(false);
      expect(changes.length > 0, name).toBe(own.length > 0);
    }
  });

  it("plan parts for everything that generates", () => {
    for (const { name, role, plan, command } of entries) {
      const generates = role !== "evaluator" && role !== "survey";
      expect(plan !== undefined, name).toBe(generates);
      expect(command === undefined, name).toBe(generates);
    }
  });

  it("plan what the parts of a system in the code turn out to declare", () => {
    for (const [name, classes] of derivedClasses()) {
      expect(entries.find((entry) => entry.name === name)?.plan, name).toEqual(classes);
    }
  });
});

describe.skipIf(!existsSync(sheets))("sheets", () => {
  const names = (existsSync(sheets) ? readdirSync(sheets) : [])
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.replace(/\.md$/, ""))
    .filter((name) => !noSystem.has(name));
  const head = (name: string): string =>
    readFileSync(`${sheets}${name}.md`, "utf8").split("## What it is")[0]!;

  it("have an entry each, and every entry has a sheet", () => {
    expect(entries.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it("say the same title, number on arXiv and repository, where they say one", () => {
    for (const { name, title, arxiv, code } of entries) {
      const text = head(name);
      expect(text.toLowerCase(), name).toContain(title.toLowerCase());
      const numbers = text.match(/arXiv:? \d{4}\.\d{5}/g);
      if (numbers) expect(numbers.join(), name).toContain(arxiv);
      if (code) expect(text, name).toContain(code.repository);
    }
  });
});
