/** Files that appear under their name only when they are complete and on the disk. */

import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { CheckpointError, type ErrorFacts, OrdoError } from "../errors.ts";

/** A complete file under a temporary name. Exactly one of the two functions must be called. */
export interface StagedFile {
  /** Gives the file its name, replacing what was there. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** What a file is to hold: its bytes in pieces, made when they are asked for. */
export type FileContent = Iterable<Uint8Array> | AsyncIterable<Uint8Array> | string;

export interface WriteOptions {
  /** What is thrown if the file cannot be written; CheckpointError unless given. */
  readonly error?: new (
    facts: ErrorFacts,
    options?: ErrorOptions,
  ) => OrdoError;
}

/**
 * Writes a file whole or not at all: on failure the file that was there stays as it was.
 *
 * @throws CheckpointError, or the one asked for, naming `path`: no space, no folder, no permission.
 */
export async function writeWhole(
  path: string,
  content: FileContent,
  options: WriteOptions = {},
): Promise<void> {
  const staged = await stageFile(path, content, options);
  await staged.commit();
}

/** Writes several files so that a full disk changes none of them. @throws CheckpointError */
export async function writeAllWhole(
  files: readonly { readonly path: string; readonly content: FileContent }[],
): Promise<void> {
  const staged: StagedFile[] = [];
  try {
    for (const { path, content } of files) staged.push(await stageFile(path, content));
  } catch (error) {
    for (const file of staged) await file.discard();
    throw error;
  }
  for (const file of staged) await file.commit();
}

/**
 * A name next to `path` for what is not complete yet, of its own at every call: one process may
 * write the same file twice at once.
 */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString("hex")}.partial`;
}

/** Writes and flushes `content` next to `path`. @throws as `writeWhole` does */
export async function stageFile(
  path: string,
  content: FileContent,
  options: WriteOptions = {},
): Promise<StagedFile> {
  const temporary = temporaryName(path);
  const chunks = typeof content === "string" ? [new TextEncoder().encode(content)] : content;
  try {
    const file = await open(temporary, "wx");
    try {
      for await (const chunk of chunks) await writeFully(file, chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(path, error, options);
  }
  return {
    discard: () => rm(temporary, { force: true }),
    commit: async () => {
      try {
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw writeFailure(path, error, options);
      }
      await syncFolder(dirname(path));
    },
  };
}

/** One write call takes at most 2 GiB, and may take less than it was given. */
const LONGEST_WRITE = 1 << 28;

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const length = Math.min(LONGEST_WRITE, bytes.length - written);
    written += (await file.write(bytes, written, length)).bytesWritten;
  }
}

/** Makes the new name itself durable; not every platform can open a folder. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // the file is whole either way
  }
}

/** What the system says, in words, and what to do if there is something to do. */
const REASONS: Readonly<Record<string, readonly [got: string, hint?: string]>> = {
  ENOSPC: ["a full disk"],
  EDQUOT: ["a used-up disk quota"],
  EFBIG: ["a limit on the size of files"],
  ENOENT: ["a folder that does not exist", "Create the folder first"],
  ENOTDIR: ["a path that leads through a file", "Choose another folder"],
  EISDIR: ["a folder of that name", "Choose another name"],
  EACCES: ["no permission to write there", "Choose a folder that you may write to"],
  EPERM: ["no permission to write there", "Choose a folder that you may write to"],
  EROFS: ["a read-only disk", "Choose another folder"],
};

function writeFailure(
  path: string,
  error: unknown,
  { error: Failure = CheckpointError }: WriteOptions,
): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof OrdoError || typeof code !== "string") return error;
  const unchanged = `Nothing was changed: an earlier ${basename(path)} is still whole`;
  const [got, hint = unchanged] = REASONS[code] ?? [`the system's answer ${code}`];
  return new Failure({ where: path, expected: "to write the file", got, hint }, { cause: error });
}
