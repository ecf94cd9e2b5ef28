/** What of the hub is on this disk already, found without a network. */

import { stat } from "node:fs/promises";
import { CheckpointError } from "../errors.ts";
import { cachedCommit, repositoryFolder, snapshotPath } from "./cache-tree.ts";
import { formatHubReference, type HubReference, parseHubReference } from "./reference.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

export interface CachedOptions {
  /** Where the cache is; from the environment if absent. */
  readonly settings?: Pick<HubSettings, "cache">;
}

/** The snapshot, file or folder of a reference; undefined if it is not in the cache. */
export async function findCached(
  reference: HubReference,
  { cache }: Pick<HubSettings, "cache">,
): Promise<string | undefined> {
  const commit = await cachedCommit(cache, reference, reference.revision);
  if (commit === undefined) return undefined;
  const path = snapshotPath(cache, reference, commit, reference.path);
  // a link to contents that were removed counts as nothing
  return (await stat(path).catch(() => undefined)) && path;
}

/**
 * The absolute path of `hf:owner/name[/path][@revision]` in the cache.
 *
 * @throws ConfigError for another form; CheckpointError with the command that fetches it.
 */
export async function cachedHubPath(
  text: string,
  { settings = hubSettings() }: CachedOptions = {},
): Promise<string> {
  const reference = parseHubReference(text);
  const found = await findCached(reference, settings);
  if (found === undefined) throw notCached(reference, settings);
  return found;
}

/** @param hint what to do; the command that fetches it unless that is impossible now. */
export function notCached(
  reference: HubReference,
  { cache }: Pick<HubSettings, "cache">,
  hint = `ordo pull ${formatHubReference(reference)}`,
): CheckpointError {
  return new CheckpointError({
    where: formatHubReference(reference),
    expected: "a download in the cache",
    got: `nothing of it in ${repositoryFolder(cache, reference)}`,
    hint,
  });
}
