/** The program as it is installed: one file beside the compiled modules. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildCli } from "../scripts/build-cli.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-program-"));
  await copyFile(join(root, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "models"]) {
    await symlink(join(root, name), join(folder, name), "dir");
  }
  await buildCli(join(folder, "dist"));
  bundle = readFileSync(join(folder, "dist/cli/main.js"), "utf8");
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: readonly string[]): Promise<string> {
  const script = `
    import { main } from ${JSON.stringify(join(folder, "dist/cli/main.js"))};
    const { stdout, stderr, env } = process;
    const argv = ${JSON.stringify(argv)};
    process.exitCode = await main({ argv, stdout, stderr, env, signals: process, exit: process.exit });
  `;
  const options = ["--input-type=module", "-e", script];
  return (await promisify(execFile)(process.execPath, options, { cwd: folder })).stdout;
}

it("loads no package before it is needed", () => {
  const imported = [...bundle.matchAll(/^import\b.*?["']([^"']+)["'];$/gm)].map(
    ([, from]) => from!,
  );
  expect(imported.length).toBeGreaterThan(3);
  expect(
    imported.filter(
      (from) => !/^node:|^(fs|path|url|util|os|events|zlib|stream|buffer)/.test(from),
    ),
  ).toEqual([]);
});

it("knows every module by the place where the compiler puts it", () => {
  const places = [...bundle.matchAll(/new URL\("\.\.\/([^"]+)\.js", import\.meta\.url\)/g)];
  expect(places.length).toBeGreaterThan(5);
  for (const [, place] of places) expect(existsSync(join(root, "src", `${place}.ts`))).toBe(true);
  const own = bundle.split("import.meta.url").length - 1;
  // the one beside them is that of the bundle's own `require`
  expect(own - places.length).toBe(1);
});

it("runs", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(await run("--version")).toBe(`${version}\n`);
  expect(await run("generate", "red apple", "-o", "apple.png")).toContain("apple.png");
  expect(await run("info", "apple.png", "--json")).toContain('"prompt": "red apple"');
});
