/** One file from the hub into the cache: resumed where it stopped, checked before it gets its name. */

import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CheckpointError } from "../errors.ts";
import { fileSize } from "./cache-tree.ts";
import { fetchFile } from "./fetch-file.ts";
import type { HubFile } from "./hub-files.ts";
import { acquireLock, type Lock, type LockTiming } from "./lock.ts";
import { formatHubReference } from "./reference.ts";
import type { Requester } from "./request.ts";

export interface Destination {
  /** Where the whole file goes. */
  readonly blob: string;
  /** Where its beginning lies meanwhile; kept when the download ends early. */
  readonly partial: string;
  readonly lock: string;
}

export interface DownloadOptions {
  readonly lockTiming?: LockTiming;
  /** Bytes of the file that are there, resumed ones included. */
  onProgress(bytes: number): void;
}

/**
 * Fetches a file, unless another process does so first.
 *
 * @throws CheckpointError for another content than the hub announced; the signal's reason
 */
export async function download(
  requester: Requester,
  file: HubFile,
  { blob, partial, lock: lockFile }: Destination,
  { lockTiming, onProgress }: DownloadOptions,
): Promise<void> {
  const isDone = async (): Promise<boolean> => (await fileSize(blob)) === file.size;
  const lock = await acquireLock(lockFile, {
    signal: requester.signal,
    wait: requester.wait,
    onWait: () => requester.note(`another process is fetching ${file.path}; waiting for it`),
    isDone,
    ...(lockTiming && { timing: lockTiming }),
  });
  if (lock === undefined) return onProgress(file.size);
  try {
    if (await isDone()) return onProgress(file.size);
    await mkdir(dirname(blob), { recursive: true });
    if (lock.takenOver) await detach(partial);
    await fetchChecked(requester, file, partial, onProgress);
    await finish(requester, file, lock, partial, blob);
  } finally {
    await lock.release();
  }
}

/** A copy under the same name: a holder that was only asleep goes on writing into the old one. */
async function detach(partial: string): Promise<void> {
  const copy = `${partial}.copy`;
  const copied = await copyFile(partial, copy).then(
    () => true,
    () => false,
  );
  if (copied) await rename(copy, partial);
}

async function finish(
  { reference }: Requester,
  file: HubFile,
  lock: Lock,
  partial: string,
  blob: string,
): Promise<void> {
  if (await lock.isHeld()) return rename(partial, blob);
  const where = formatHubReference({ ...reference, path: file.path });
  const got = "another process that took over while this one slept";
  const hint = "Run the same command again: it continues with what is there";
  throw new CheckpointError({ where, expected: "to be the only writer", got, hint });
}

async function fetchChecked(
  requester: Requester,
  file: HubFile,
  partial: string,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const resumed = (await fileSize(partial)) ?? 0;
  let actual = await fetchFile(requester, file, partial, onProgress);
  if (actual !== file.hash.hex && resumed > 0) {
    // what an earlier run left may be at fault: once more, from the start
    requester.note(`${file.path}: the resumed file has another hash; fetching it anew`);
    await rm(partial, { force: true });
    actual = await fetchFile(requester, file, partial, onProgress);
  }
  if (actual === file.hash.hex) return;
  await rm(partial, { force: true });
  throw new CheckpointError({
    where: formatHubReference({ ...requester.reference, path: file.path }),
    expected: `${file.hash.kind === "git" ? "git hash" : "sha256"} ${file.hash.hex}`,
    got: actual,
    hint: "The file was changed on its way, and is not kept; run the same command again",
  });
}
