import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { CheckpointError } from "../errors.ts";
import { byteWords } from "./byte-words.ts";

/** Bytes that a user may still write where `folder` is or will be; Infinity if it is unknown. */
export async function freeBytes(folder: string): Promise<number> {
  for (let path = folder; ; path = dirname(path)) {
    const found = await statfs(path).catch(() => undefined);
    if (found) return found.bavail * found.bsize;
    if (dirname(path) === path) return Number.POSITIVE_INFINITY;
  }
}

/** @throws CheckpointError if `needed` bytes do not fit into `folder`. */
export async function requireSpace(
  folder: string,
  needed: number,
  free: (folder: string) => Promise<number> = freeBytes,
): Promise<void> {
  const there = await free(folder);
  if (there >= needed) return;
  throw new CheckpointError({
    where: folder,
    expected: `${byteWords(needed)} of free space`,
    got: byteWords(there),
    hint: "Free some space, or set HF_HUB_CACHE to a folder on another disk",
  });
}
