/** The two hashes by which the hub names contents. */

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";

/** `sha256` of the bytes for large files (LFS), git's blob hash (SHA-1) for the others. */
export type ContentHash =
  | { readonly kind: "sha256"; readonly hex: string }
  | { readonly kind: "git"; readonly hex: string };

/** Reads an ETag or a linked ETag; undefined if it is neither hash. */
export function contentHashOf(etag: string | null): ContentHash | undefined {
  const hex = etag?.replace(/^W\//, "").replace(/^"|"$/g, "").toLowerCase() ?? "";
  if (/^[0-9a-f]{64}$/.test(hex)) return { kind: "sha256", hex };
  if (/^[0-9a-f]{40}$/.test(hex)) return { kind: "git", hex };
  return undefined;
}

/** @param size bytes of the whole file: git hashes it in front of the contents. */
export function startHash({ kind }: ContentHash, size: number): Hash {
  return kind === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

/** Adds the first `length` bytes of a file. */
export async function hashFile(
  hash: Hash,
  path: string,
  length: number,
  signal: AbortSignal,
): Promise<void> {
  if (length === 0) return;
  const stream = createReadStream(path, { end: length - 1, highWaterMark: 1 << 20 });
  for await (const piece of stream) {
    signal.throwIfAborted();
    hash.update(piece as Buffer);
  }
}
