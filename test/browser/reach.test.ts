/** Nothing that the browser's entry reaches asks for Node: it would break in every page. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const sources = fileURLToPath(new URL("../../src", import.meta.url));

/** All packages that a file asks for while the program runs, with the way to each. */
function packagesFrom(entry: string, read: (path: string) => string): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (path: string, trail: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const target of targetsOf(read(path))) {
      if (target.startsWith(".")) visit(join(dirname(path), target), `${trail} > ${target}`);
      else if (!found.has(target)) found.set(target, trail);
    }
  };
  visit(entry, entry);
  return found;
}

/** What is imported as a value, at once or later. Types are gone when the program runs. */
function targetsOf(text: string): string[] {
  const statement = /^(?:import|export)\s+(?!type\s)(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
  const dynamic = /\bimport\("([^"]+)"\)/g;
  return [statement, dynamic].flatMap((form) =>
    [...text.matchAll(form)].map(([, target = ""]) => target),
  );
}

it("the browser reaches the engine's web builds and zod, and nothing of Node", () => {
  const found = packagesFrom("browser/index.ts", (path) =>
    readFileSync(join(sources, path), "utf8"),
  );
  expect([...found.keys()].sort(), JSON.stringify([...found], null, 1)).toEqual([
    "onnxruntime-web/wasm",
    "onnxruntime-web/webgpu",
    "zod",
  ]);
});

it("the check finds what lies deep, and knows types from values", () => {
  const files: Record<string, string> = {
    "browser/index.ts": 'import { a } from "../nn/a.ts";\nimport type { T } from "sharp";',
    "nn/a.ts": 'export * from "./b.ts";\nimport {\n  type C,\n  d,\n} from "./d.ts";',
    "nn/b.ts": 'const late = () => import("node:os");\nexport type { X } from "node:url";',
    "nn/d.ts": 'import "node:fs";',
  };
  expect([...packagesFrom("browser/index.ts", (path) => files[path]!)]).toEqual([
    ["node:os", "browser/index.ts > ../nn/a.ts > ./b.ts"],
    ["node:fs", "browser/index.ts > ../nn/a.ts > ./d.ts"],
  ]);
});
