/** What tells a file's content apart without reading it. */
import { stat } from "node:fs/promises";

/** @returns path, size, time of the last change and inode. @throws if there is no such file. */
export async function fileFacts(path: string): Promise<readonly (string | number)[]> {
  const { size, mtimeMs, ino } = await stat(path);
  return [path, size, mtimeMs, ino];
}
