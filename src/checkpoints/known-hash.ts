/** Hashes of large files that are remembered: at every start each would take a core a second. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheKey } from "../cache-folder.ts";
import { fileFacts } from "./file-facts.ts";
import { fileHash } from "./file-hash.ts";

/** Smaller files are hashed faster than it is worth to remember them. */
const LEAST_BYTES = 64 * 1024 * 1024;

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * SHA-256 of a file in hexadecimal; null if it cannot be read.
 *
 * @param folder where hashes are kept. One that cannot be read or written is no error.
 * @param leastBytes of files whose hashes are kept.
 */
export async function knownHash(
  path: string,
  folder: string,
  leastBytes: number = LEAST_BYTES,
): Promise<string | null> {
  const facts = await fileFacts(path);
  if (facts === null || facts.size < leastBytes) return fileHash(path);
  const key = cacheKey(facts);
  const known = hashSchema.safeParse(await readFile(join(folder, key), "utf8").catch(() => null));
  if (known.success) return known.data;
  const hash = await fileHash(path);
  // a file that was written to meanwhile has no one hash
  const after = await fileFacts(path);
  if (hash !== null && after !== null && cacheKey(after) === key) await keep(folder, key, hash);
  return hash;
}

async function keep(folder: string, key: string, hash: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, key), hash);
  } catch {
    // a full or read-only disk: the next start hashes again
  }
}
