/** Where Ordo's own files lie on this machine. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The installed package; `src/cli` and `dist/cli` are equally deep. */
export const packageFolder: string = fileURLToPath(new URL("../../", import.meta.url));

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  return (manifest as { version: string }).version;
}

/** Models that come with the package and draw, by name; the classifiers beside them do not. */
export function drawableModels(): string[] {
  const folder = join(packageFolder, "models");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => hasSystem(join(folder, name, "config.json")))
    .sort();
}

function hasSystem(config: string): boolean {
  return existsSync(config) && "system" in (JSON.parse(readFileSync(config, "utf8")) as object);
}
