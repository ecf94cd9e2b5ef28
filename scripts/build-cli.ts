/**
 * Bundles the program behind the command line into one file, which starts faster than hundreds of
 * modules: `tsx scripts/build-cli.ts [FOLDER]`, after the compiler.
 */
import { readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { englishOnly } from "./english-only.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "src");

/** Loaded where they are needed, and large or with native parts. */
const external = ["onnxruntime-node", "vega", "vega-lite", "tesseract.js"];

/** A bundle imports all that is external at its start; what is required waits for its module. */
const lateSharp: Plugin = {
  name: "late-sharp",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^sharp$/ }, ({ namespace }) =>
      namespace === "late" ? { external: true } : { path: "sharp", namespace: "late" },
    );
    onLoad({ filter: /.*/, namespace: "late" }, () => ({
      contents: 'module.exports = require("sharp");',
    }));
  },
};

/** A module finds what lies beside it where the compiler has put it. */
const ownPlaces: Plugin = {
  name: "own-places",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const compiled = relative(sources, path).replaceAll(sep, "/").replace(/\.ts$/, ".js");
      const place = `new URL(${JSON.stringify(`../${compiled}`)}, import.meta.url).href`;
      return { contents: text.replaceAll("import.meta.url", place), loader: "ts" };
    });
  },
};

/** Replaces `cli/main.js` in a folder of compiled modules by all that it imports. */
export async function buildCli(folder: string): Promise<void> {
  await build({
    entryPoints: [join(sources, "cli/main.ts")],
    outfile: join(folder, "cli/main.js"),
    allowOverwrite: true,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.9",
    external,
    // CommonJS packages require what Node brings
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module";\nconst require = requireFrom(import.meta.url);',
    },
    keepNames: true,
    legalComments: "eof",
    plugins: [englishOnly, lateSharp, ownPlaces],
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildCli(resolve(process.argv[2] ?? join(root, "dist")));
}
