/** Bundles src/browser with the engine's files: `tsx scripts/build-browser.ts [FOLDER]`. */
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { englishOnly } from "./english-only.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the engine fetches by itself, for the CPU and for WebGPU. */
const engineFiles = ["ort-wasm-simd-threaded", "ort-wasm-simd-threaded.asyncify"].flatMap(
  (stem) => [`${stem}.mjs`, `${stem}.wasm`],
);

/** Writes `ordo.js`, its parts and the engine's files into a folder, which is to be served whole. */
export async function buildBrowser(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await build({
    entryPoints: { ordo: join(root, "src/browser/index.ts") },
    outdir: folder,
    bundle: true,
    minify: true,
    // each build of the engine is a part of its own, fetched when a device needs it
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    // the engine's wasm stays in files, which a browser caches and compiles while they arrive
    conditions: ["onnxruntime-web-use-extern-wasm", "module"],
    define: { ORDO_VERSION: JSON.stringify(manifest.version) },
    legalComments: "eof",
    plugins: [englishOnly],
    logLevel: "warning",
  });
  const engine = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/wasm"));
  await mkdir(folder, { recursive: true });
  for (const file of engineFiles) await copyFile(join(engine, file), join(folder, file));
}

/** Of former bundles, and of the compiler, whose modules find no engine outside of a bundle. */
async function removeScripts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const old = names.filter((name) => /\.m?js$/.test(name));
  await Promise.all(old.map((name) => rm(join(folder, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(root, "dist/browser"));
  await removeScripts(folder);
  await buildBrowser(folder);
}
