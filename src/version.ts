import { readFile } from "node:fs/promises";

/** The version of Ordo, as its package says. */
export async function ordoVersion(): Promise<string> {
  // `src` and `dist` are equally deep
  const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
