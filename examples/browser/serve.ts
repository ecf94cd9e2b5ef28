/**
 * Serves folders over HTTP, with the headers that let a page use threads.
 *
 *   npx tsx examples/browser/serve.ts      then open http://localhost:8080/
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export interface ServeOptions {
  /** Folders by the beginning of their addresses: `{ "/models/": "models" }`. */
  readonly folders: Readonly<Record<string, string>>;
  /** Whether pages may share memory between threads. */
  readonly isolated: boolean;
  readonly onFile?: (path: string, bytes: number) => void;
}

export function serve({ folders, isolated, onFile }: ServeOptions): Server {
  return createServer(async (request, response) => {
    const path = pathOf(request.url ?? "/");
    if (path === undefined) {
      response.writeHead(400).end();
      return;
    }
    const file = fileOf(folders, path.endsWith("/") ? `${path}index.html` : path);
    const found = file ? await stat(file).catch(() => null) : null;
    if (!file || !found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    onFile?.(path, found.size);
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-length": found.size,
      ...(isolated && {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      }),
    });
    createReadStream(file).pipe(response);
  });
}

/** What an address asks for; undefined if it is none. */
function pathOf(address: string): string | undefined {
  try {
    return decodeURIComponent(new URL(address, "http://server").pathname);
  } catch {
    return undefined;
  }
}

/** The longest beginning decides; a path cannot leave its folder. */
function fileOf(folders: ServeOptions["folders"], path: string): string | undefined {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const prefix = prefixes.find((start) => path.startsWith(start));
  return prefix && join(folders[prefix]!, normalize(`/${path.slice(prefix.length)}`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const folders = {
    "/": at("."),
    "/ordo/": at("../../dist/browser"),
    "/models/": at("../../models"),
  };
  if (await stat(join(folders["/ordo/"], "ordo.js")).catch(() => null)) {
    const server = serve({ folders, isolated: true });
    server.on("error", ({ message }) => {
      console.error(message);
      process.exitCode = 1;
    });
    server.listen(8080, "localhost", () => console.log("http://localhost:8080/"));
  } else {
    console.error("There is no dist/browser/ordo.js: run npm run build first.");
    process.exitCode = 1;
  }
}
