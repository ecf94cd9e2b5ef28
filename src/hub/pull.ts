/** Brings a repository, or a part of it, into the shared cache. */

import { setTimeout } from "node:timers/promises";
import { CheckpointError } from "../errors.ts";
import { blobPath, linkBlob, lockPath, partialPath, snapshotPath, writeRef } from "./cache-tree.ts";
import { findCached } from "./cached.ts";
import { requireSpace } from "./disk-space.ts";
import { download } from "./download.ts";
import { Transient } from "./failures.ts";
import { describeFile, listFiles } from "./hub-files.ts";
import type { LockTiming } from "./lock.ts";
import { mapLimited } from "./map-limited.ts";
import { pullOffline } from "./pull-offline.ts";
import { chosenFiles, type FilePlan, type FileState, planFile } from "./pull-plan.ts";
import { formatHubReference, type HubReference } from "./reference.ts";
import type { Requester } from "./request.ts";
import { type HubSettings, hubSettings, readToken } from "./settings.ts";

export interface PullOptions {
  /** From the environment if absent. */
  readonly settings?: HubSettings;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PullEvent) => void;
  /** Finds out what would be fetched, and fetches nothing. */
  readonly dryRun?: boolean;
  /** For tests. */
  readonly wait?: (ms: number) => Promise<void>;
  readonly freeBytes?: (folder: string) => Promise<number>;
  readonly lockTiming?: LockTiming;
}

export type PullEvent =
  /** Before the first byte: of `bytes` in all, `present` are there. */
  | {
      readonly kind: "plan";
      readonly files: number;
      readonly bytes: number;
      readonly present: number;
    }
  /** Bytes of all files together, and the file that grows. */
  | { readonly kind: "progress"; readonly bytes: number; readonly path: string }
  | { readonly kind: "note"; readonly line: string };

export interface PulledFile {
  readonly path: string;
  readonly bytes: number;
  /** sha256, or git's blob hash for small files; absent where nobody knows it offline. */
  readonly hash?: string;
  /** What was there before. */
  readonly before: FileState;
}

export interface Pulled {
  readonly commit: string;
  /** Of the file, or of the folder that holds the files; absolute. */
  readonly path: string;
  readonly files: readonly PulledFile[];
  /** Bytes that were fetched, or would be. */
  readonly fetched: number;
}

/** Small requests under way at the same time. */
const PARALLEL_REQUESTS = 8;

/**
 * Fetches what a reference names, skipping what is there and continuing what was begun. The branch
 * or tag points to the new commit only when all is there.
 *
 * @throws CheckpointError for what is missing, closed, unreachable, damaged or too large;
 * ConfigError for settings that do not fit; the signal's reason
 */
export async function pull(reference: HubReference, options: PullOptions = {}): Promise<Pulled> {
  const { settings = hubSettings(), dryRun = false } = options;
  if (settings.offline) return pullOffline(reference, settings);
  const requester = await requesterFor(reference, settings, options);
  const listing = await listFiles(requester).catch(async (error: unknown) => {
    throw await withCachedHint(error, reference, settings);
  });
  const { commit } = listing;
  const paths = chosenFiles(reference, listing);
  const plans = await mapLimited(PARALLEL_REQUESTS, paths, async (path) =>
    planFile(reference, settings, commit, await describeFile(requester, commit, path)),
  );
  const { cache } = settings;
  const bytes = sum(plans.map(({ file }) => file.size));
  const present = sum(plans.map(({ there }) => there));
  options.onEvent?.({ kind: "plan", files: plans.length, bytes, present });
  if (!dryRun) {
    await requireSpace(cache, bytes - present, options.freeBytes);
    await fetchAll(requester, plans, commit, options);
    await writeRef(cache, reference, reference.revision, commit);
  }
  return {
    commit,
    path: snapshotPath(cache, reference, commit, reference.path),
    files: plans.map(({ file: { path, size, hash }, before }) => {
      return { path, bytes: size, hash: hash.hex, before };
    }),
    fetched: bytes - present,
  };
}

async function requesterFor(
  reference: HubReference,
  settings: HubSettings,
  { signal = new AbortController().signal, onEvent, wait }: PullOptions,
): Promise<Requester> {
  return {
    reference,
    settings,
    token: await readToken(settings),
    signal,
    note: (line) => onEvent?.({ kind: "note", line }),
    wait: wait ?? ((ms) => setTimeout(ms, undefined, { signal })),
  };
}

async function fetchAll(
  requester: Requester,
  plans: readonly FilePlan[],
  commit: string,
  { onEvent, lockTiming }: PullOptions,
): Promise<void> {
  const { reference, settings } = requester;
  const { cache } = settings;
  let others = sum(plans.map(({ there }) => there));
  for (const { file, there, before, isLinked } of plans) {
    requester.signal.throwIfAborted();
    const hash = file.hash.hex;
    const blob = blobPath(cache, reference, hash);
    others -= there;
    if (before !== "cached") {
      const partial = partialPath(cache, reference, hash);
      const lock = lockPath(cache, reference, hash);
      await download(
        requester,
        file,
        { blob, partial, lock },
        {
          ...(lockTiming && { lockTiming }),
          onProgress: (bytes) =>
            onEvent?.({ kind: "progress", bytes: others + bytes, path: file.path }),
        },
      );
    }
    others += file.size;
    if (!isLinked) await linkBlob(blob, snapshotPath(cache, reference, commit, file.path));
  }
}

/** Without a network, an older copy may be all that is needed. */
async function withCachedHint(
  error: unknown,
  reference: HubReference,
  settings: HubSettings,
): Promise<unknown> {
  if (!(error instanceof CheckpointError && error.cause instanceof Transient)) return error;
  if ((await findCached(reference, settings)) === undefined) return error;
  const hint = `What is in the cache still works as ${formatHubReference(reference)}`;
  return new CheckpointError({ ...error.facts, hint }, { cause: error.cause });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
