/** Files that appear under their name only when they are whole. */

import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { DataError } from "../errors.ts";

/**
 * Writes a file beside its final name, flushes it, and renames it: a reader, or a run after a power
 * cut, sees the old file or the new one.
 *
 * @throws DataError naming the file if the folder is missing, read-only or full.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeWholeWith(path, async (append) => append(bytes));
}

/** As `writeWhole`, for content that comes in pieces. */
export async function writeWholeWith(
  path: string,
  produce: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${threadId}.part`);
  try {
    const handle = await open(temporary, "w");
    try {
      await produce(async (bytes) => {
        // one write may take less than it was given
        for (let done = 0; done < bytes.length; ) {
          done += (await handle.write(bytes, done)).bytesWritten;
        }
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(path, error);
  }
}

function writeError(path: string, error: unknown): unknown {
  const problem = problems[(error as NodeJS.ErrnoException).code ?? ""];
  if (!problem) return error;
  const [got, hint] = problem;
  return new DataError({ where: path, expected: "to write the file", got, hint }, { cause: error });
}

const problems: Readonly<Record<string, readonly [got: string, hint: string]>> = {
  ENOSPC: ["a full disk", "Free some space and run again; nothing half written was left"],
  EDQUOT: ["a full quota", "Free some space and run again; nothing half written was left"],
  EROFS: ["a read-only disk", "Choose another folder"],
  EACCES: ["no permission", "Choose a folder that you may write to"],
  EPERM: ["no permission", "Choose a folder that you may write to"],
  ENOENT: ["no such folder", "Create the folder first"],
  ENOTDIR: ["a path through a file", "Choose another folder"],
  EISDIR: ["a folder of that name", "Choose another name"],
};
