/**
 * Which folder may import which: imports point downwards only, never in a circle, and files stay
 * short. The layers are those of the README's drawing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const parts = [
  "tokenizers",
  "orders",
  "predictors",
  "heads",
  "conditioning",
  "guidance",
  "caches",
  "objectives",
  "features",
];

/** Low to high; members of one layer may import each other. */
const layers: readonly (readonly string[])[] = [
  ["errors", "random", "floats", "half", "version", "cache-folder", "threads"],
  ["graph"],
  ["runtime", "nn"],
  parts,
  ["decoding", "training", "eval"],
  [
    "systems",
    "reproductions",
    "recipes",
    "parity",
    "conversion",
    "bench",
    "catalogue",
    "vtbench",
    "index",
  ],
  ["cli", "server", "browser"],
];

/** They serve all layers from runtime upwards, and know none of them. */
const services = ["images", "data", "checkpoints", "hub", "metrics", "procedural", "plots"];
const servicesFrom = layers.findIndex((layer) => layer.includes("runtime"));

const maxLines = 400;

/** Source texts by path below `src`. */
type Tree = Readonly<Record<string, string>>;

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it is still there when the program runs, before anything else does. */
  readonly static: boolean;
}

describe("sources", () => {
  const tree = readTree(fileURLToPath(new URL("../src", import.meta.url)));

  it("import downwards only", () => {
    expect(Object.keys(tree).length).toBeGreaterThan(10);
    expect(wrongDirections(tree)).toEqual([]);
  });

  it("have no circular imports", () => {
    expect(cycles(tree)).toEqual([]);
  });

  it(`have fewer than ${maxLines} lines`, () => {
    expect(longFiles(tree)).toEqual([]);
  });
});

describe("the checks themselves", () => {
  it("find imports of every form", () => {
    const text = `
import { a, type B } from "./one.ts";
import type {
  C,
} from "../graph/two.ts";
export * from "./three.ts";
import "./four.ts";
const five = () => import("./five.ts");
import { z } from "zod";
// import { no } from "./comment.ts";
const six = "from './text.ts'";`;
    expect(importsOf("nn/x.ts", text)).toEqual([
      { from: "nn/x.ts", to: "nn/one.ts", static: true },
      { from: "nn/x.ts", to: "graph/two.ts", static: false },
      { from: "nn/x.ts", to: "nn/three.ts", static: true },
      { from: "nn/x.ts", to: "nn/four.ts", static: true },
      { from: "nn/x.ts", to: "nn/five.ts", static: false },
    ]);
  });

  it("catch imports upwards, of systems by parts, and by services", () => {
    const tree = {
      "graph/op.ts": 'import { linear } from "../nn/linear.ts";',
      "heads/bits.ts": 'import type { System } from "../systems/system.ts";',
      "data/zip.ts": 'import { device } from "../runtime/device.ts";',
      "graph/save.ts": 'import { write } from "../checkpoints/write.ts";',
      "decoding/plain.ts": 'const late = () => import("../cli/main.ts");',
      "nn/linear.ts": "",
      "systems/system.ts": "",
      "runtime/device.ts": "",
      "checkpoints/write.ts": "",
      "cli/main.ts": "",
    };
    expect(wrongDirections(tree)).toEqual([
      "graph/op.ts imports nn/linear.ts: graph may not import nn",
      "heads/bits.ts imports systems/system.ts: heads may not import systems",
      "data/zip.ts imports runtime/device.ts: data may not import runtime",
      "graph/save.ts imports checkpoints/write.ts: graph may not import checkpoints",
      "decoding/plain.ts imports cli/main.ts: decoding may not import cli",
    ]);
  });

  it("let pass what points downwards, and tests", () => {
    const tree = {
      "errors.ts": "",
      "nn/linear.ts": 'import { ShapeError } from "../errors.ts";',
      "checkpoints/write.ts": 'import { crop } from "../images/crop.ts";',
      "images/crop.ts": 'import { random } from "../random/random.ts";',
      "random/random.ts": "",
      "training/loop.ts": 'import { write } from "../checkpoints/write.ts";',
      "errors.test.ts": "",
      "graph/op.test.ts": 'import { main } from "../cli/main.ts";',
      "cli/main.ts": 'import { loop } from "../training/loop.ts";',
    };
    expect(wrongDirections(tree)).toEqual([]);
    expect(cycles(tree)).toEqual([]);
  });

  it("ask for a layer of every folder, and for files that exist", () => {
    const tree = { "utils/x.ts": 'import "../nn/gone.ts";' };
    expect(wrongDirections(tree)).toEqual([
      "utils/x.ts imports nn/gone.ts: there is no such file",
      "utils is in no layer of test/imports.test.ts",
    ]);
  });

  it("catch circles, but not of types alone", () => {
    const circle = {
      "graph/a.ts": 'import { b } from "./b.ts";',
      "graph/b.ts": 'export { c } from "./c.ts";',
      "graph/c.ts": 'import { a } from "./a.ts";',
      "graph/d.ts": 'import { a } from "./a.ts";',
    };
    expect(cycles(circle)).toEqual(["graph/a.ts > graph/b.ts > graph/c.ts > graph/a.ts"]);
    expect(cycles({ ...circle, "graph/c.ts": 'import type { A } from "./a.ts";' })).toEqual([]);
  });

  it("catch long files", () => {
    const tree = { "nn/long.ts": "\n".repeat(maxLines), "nn/long.test.ts": "\n".repeat(maxLines) };
    expect(longFiles(tree)).toEqual([`nn/long.ts has ${maxLines} lines`]);
  });
});

function readTree(root: string): Tree {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    paths.map((path) => [relative(root, path).replaceAll("\\", "/"), readFileSync(path, "utf8")]),
  );
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** `graph/op.ts` belongs to `graph`, `errors.ts` to `errors`. */
function folderOf(path: string): string {
  return path.split("/")[0]!.replace(/\.ts$/, "");
}

function importsOf(path: string, text: string): Import[] {
  // a statement begins its line, which keeps comments and texts out
  const statement = /^(import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"/gm;
  const dynamic = /\bimport\("(\.[^"]+)"\)/g;
  const resolve = (target: string): string => join(dirname(path), target).replaceAll("\\", "/");
  return [
    ...[...text.matchAll(statement)].map(([, , type, target = ""]) => ({
      from: path,
      to: resolve(target),
      static: type === undefined,
    })),
    ...[...text.matchAll(dynamic)].map(([, target = ""]) => ({
      from: path,
      to: resolve(target),
      static: false,
    })),
  ];
}

function allImports(tree: Tree): Import[] {
  return Object.entries(tree)
    .filter(([path]) => !isTest(path))
    .flatMap(([path, text]) => importsOf(path, text));
}

function wrongDirections(tree: Tree): string[] {
  const wrong = allImports(tree).flatMap(({ from, to }) => {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (!(to in tree)) return [`${from} imports ${to}: there is no such file`];
    return mayImport(own, other) ? [] : [`${from} imports ${to}: ${own} may not import ${other}`];
  });
  const folders = new Set(
    Object.keys(tree)
      .filter((path) => !isTest(path))
      .map(folderOf),
  );
  const unknown = [...folders].filter(
    (folder) => !services.includes(folder) && layerOf(folder) < 0,
  );
  return [...wrong, ...unknown.map((folder) => `${folder} is in no layer of test/imports.test.ts`)];
}

function mayImport(own: string, other: string): boolean {
  if (services.includes(own)) return services.includes(other) || layerOf(other) === 0;
  if (services.includes(other)) return layerOf(own) >= servicesFrom;
  return layerOf(other) <= layerOf(own);
}

function layerOf(folder: string): number {
  return layers.findIndex((layer) => layer.includes(folder));
}

/** Every circle once, as a path from its first file back to it. */
function cycles(tree: Tree): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, static: isStatic } of allImports(tree)) {
    if (isStatic) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" > "));
    if (start >= 0 || done.has(path)) return;
    for (const target of next.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of Object.keys(tree)) visit(path, []);
  return found;
}

function longFiles(tree: Tree): string[] {
  return Object.entries(tree)
    .filter(([path]) => !isTest(path))
    .map(([path, text]) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines >= maxLines)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}
