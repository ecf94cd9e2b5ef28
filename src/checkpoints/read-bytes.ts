/** Bytes of files whose sizes are not to be believed. */

import { type FileHandle, open, stat } from "node:fs/promises";
import { CheckpointError } from "../errors.ts";

/** One read call takes at most 2 GiB. */
const LONGEST_READ = 1 << 28;

/** An open file and its name, for errors. */
export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
}

/** Opens a plain file; `what` it should be stands in the error. @throws CheckpointError */
export async function openFile(path: string, what: string): Promise<OpenFile> {
  try {
    const found = await stat(path);
    // asked first, because opening a pipe would wait for its other end
    if (!found.isFile()) {
      const got = found.isDirectory() ? "a folder" : "no plain file";
      throw new CheckpointError({ where: path, expected: what, got });
    }
    return { path, handle: await open(path, "r"), size: found.size };
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const got = code === "ENOENT" ? "no such file" : `the system's answer ${code}`;
    throw new CheckpointError({ where: path, expected: what, got }, { cause: error });
  }
}

/**
 * Exactly `count` bytes at `position`, in a buffer of their own.
 *
 * @throws CheckpointError if the file ends before or memory is short.
 */
export async function readBytes(
  { path, handle }: OpenFile,
  position: number,
  count: number,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(allocate(path, count));
  let done = 0;
  while (done < count) {
    const length = Math.min(LONGEST_READ, count - done);
    const { bytesRead } = await handle.read(bytes, done, length, position + done);
    if (bytesRead === 0) {
      const expected = `${count} bytes at ${position}`;
      throw new CheckpointError({ where: path, expected, got: `the end after ${done} bytes` });
    }
    done += bytesRead;
  }
  return bytes.buffer;
}

function allocate(path: string, count: number): ArrayBuffer {
  try {
    return new ArrayBuffer(count);
  } catch (error) {
    const facts = { where: path, expected: `${count} bytes of free memory`, got: "less" };
    throw new CheckpointError(facts, { cause: error });
  }
}
