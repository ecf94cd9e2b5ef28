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
