/**
 * The cache tree that all tools of the hub share:
 *
 *   models--owner--name/blobs/HASH                 contents, by sha256 (LFS) or git's blob hash
 *   models--owner--name/snapshots/COMMIT/PATH      links into blobs
 *   models--owner--name/refs/REVISION              the commit that a branch or tag last stood for
 *   .locks/models--owner--name/HASH.…              who is downloading what
 */

import { copyFile, link, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { stageFile, temporaryName } from "../checkpoints/whole-file.ts";
import { isCommit } from "./reference.ts";

export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

const FOLDER_PREFIX = "models--";

function folderName({ owner, name }: RepositoryName): string {
  return `${FOLDER_PREFIX}${owner}--${name}`;
}

export function repositoryFolder(cache: string, repository: RepositoryName): string {
  return join(cache, folderName(repository));
}

export function blobPath(cache: string, repository: RepositoryName, hash: string): string {
  return join(repositoryFolder(cache, repository), "blobs", hash);
}

/**
 * Where Ordo keeps what it has of a blob. Other tools append to `HASH.incomplete` under locks that
 * Node cannot take, so that file is theirs alone.
 */
export function partialPath(cache: string, repository: RepositoryName, hash: string): string {
  return `${blobPath(cache, repository, hash)}.ordo.incomplete`;
}

export function lockPath(cache: string, repository: RepositoryName, hash: string): string {
  return join(cache, ".locks", folderName(repository), `${hash}.ordo.lock`);
}

/** The folder of a commit, or a path inside it. */
export function snapshotPath(
  cache: string,
  repository: RepositoryName,
  commit: string,
  path = "",
): string {
  return join(repositoryFolder(cache, repository), "snapshots", commit, ...path.split("/"));
}

/** What a snapshot's folder is called by: `hf:owner/name`; undefined for any other folder. */
export function hubNameOf(path: string): string | undefined {
  const match = /[\\/]models--([\w.-]+?)--([\w.-]+)[\\/]snapshots[\\/][0-9a-f]{40}(?:[\\/]|$)/.exec(
    path,
  );
  return match ? `hf:${match[1]}/${match[2]}` : undefined;
}

/** The commit that a revision stood for when it was last fetched; undefined if it never was. */
export async function cachedCommit(
  cache: string,
  repository: RepositoryName,
  revision: string,
): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const path = refPath(cache, repository, revision);
  const commit = (await readFile(path, "utf8").catch(() => "")).trim();
  return isCommit(commit) ? commit : undefined;
}

/** Remembers what a branch or tag stands for. */
export async function writeRef(
  cache: string,
  repository: RepositoryName,
  revision: string,
  commit: string,
): Promise<void> {
  if (isCommit(revision)) return;
  if ((await cachedCommit(cache, repository, revision)) === commit) return;
  const path = refPath(cache, repository, revision);
  await mkdir(dirname(path), { recursive: true });
  await (await stageFile(path, commit)).commit();
}

function refPath(cache: string, repository: RepositoryName, revision: string): string {
  return join(repositoryFolder(cache, repository), "refs", ...revision.split("/"));
}

/** Bytes of a file, through links; undefined if there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

/**
 * Lets `pointer` stand for `blob`: by a relative link, so that the tree can be moved as a whole.
 * Safe to call for one pointer several times at once, by this process or others.
 */
export async function linkBlob(blob: string, pointer: string): Promise<void> {
  await mkdir(dirname(pointer), { recursive: true });
  const staged = temporaryName(pointer);
  try {
    await stageLink(blob, pointer, staged);
    await rename(staged, pointer);
  } finally {
    // still there after a failure, and after renaming one hard link of a file over another
    await rm(staged, { force: true });
  }
}

async function stageLink(blob: string, pointer: string, staged: string): Promise<void> {
  try {
    await symlink(relative(dirname(pointer), blob), staged);
  } catch {
    // Windows allows links to few users; a hard link costs no space, but not every disk has them
    await link(blob, staged).catch(() => copyFile(blob, staged));
  }
}
