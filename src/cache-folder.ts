import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where files lie that can be made again: `$ORDO_HOME/cache`, else `$XDG_CACHE_HOME/ordo`, else
 * `~/.cache/ordo`.
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { ORDO_HOME, XDG_CACHE_HOME, HOME } = environment;
  if (ORDO_HOME) return join(ORDO_HOME, "cache");
  return join(XDG_CACHE_HOME || join(HOME || homedir(), ".cache"), "ordo");
}

/** The name of an entry that stands for all of `facts`, which must survive JSON, and for `content`. */
export function cacheKey(facts: unknown, content: Uint8Array = new Uint8Array()): string {
  const hash = createHash("sha256").update(JSON.stringify(facts)).update(content);
  return hash.digest("hex").slice(0, 24);
}

/** Removes all but the `count` entries of a folder that were touched last. */
export async function keepNewest(folder: string, count: number): Promise<void> {
  const names = await readdir(folder);
  const times = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = times.sort((a, b) => b.time - a.time).slice(count);
  await Promise.all(
    old.map(({ name }) => rm(join(folder, name), { recursive: true, force: true })),
  );
}
