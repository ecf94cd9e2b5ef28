/** What pulling means under HF_HUB_OFFLINE: what is in the cache is all there is. */

import { readdir, realpath } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { cachedCommit, fileSize, snapshotPath } from "./cache-tree.ts";
import { findCached, notCached } from "./cached.ts";
import { contentHashOf } from "./content-hash.ts";
import type { Pulled, PulledFile } from "./pull.ts";
import { formatHubReference, type HubReference } from "./reference.ts";
import type { HubSettings } from "./settings.ts";

/** @throws CheckpointError if the cache has nothing of it. */
export async function pullOffline(reference: HubReference, settings: HubSettings): Promise<Pulled> {
  const { cache } = settings;
  const path = await findCached(reference, settings);
  const commit = await cachedCommit(cache, reference, reference.revision);
  if (path === undefined || commit === undefined) {
    const hint = `HF_HUB_OFFLINE is set: unset it and run ordo pull ${formatHubReference(reference)}`;
    throw notCached(reference, settings, hint);
  }
  const root = snapshotPath(cache, reference, commit);
  const inside = await readdir(path, { recursive: true }).catch(() => [""]);
  const files = await Promise.all(inside.map((name) => cachedFile(root, join(path, name))));
  const found = files.filter((file) => file !== undefined);
  return { commit, path, files: found.sort((a, b) => (a.path < b.path ? -1 : 1)), fetched: 0 };
}

async function cachedFile(root: string, path: string): Promise<PulledFile | undefined> {
  const bytes = await fileSize(path);
  if (bytes === undefined) return undefined;
  // a link leads to a blob, which is called by its hash
  const hash = contentHashOf(basename(await realpath(path)));
  const name = relative(root, path).replaceAll("\\", "/");
  return { path: name, bytes, ...(hash && { hash: hash.hex }), before: "cached" };
}
