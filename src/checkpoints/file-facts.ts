/** What tells a file's content apart without reading it. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";

export interface FileFacts {
  readonly path: string;
  readonly size: number;
  /** Time of the last change, in milliseconds. */
  readonly mtimeMs: number;
  readonly ino: number;
}

/** Null if there is no such file. */
export async function fileFacts(path: string): Promise<FileFacts | null> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) return null;
  const { size, mtimeMs, ino } = facts;
  return { path: resolve(path), size, mtimeMs, ino };
}
