/** The bytes of one file, from where an earlier attempt stopped. */

import { type FileHandle, open } from "node:fs/promises";
import { CheckpointError } from "../errors.ts";
import { hashFile, startHash } from "./content-hash.ts";
import { Transient } from "./failures.ts";
import type { HubFile } from "./hub-files.ts";
import { formatHubReference } from "./reference.ts";
import { type Requester, request } from "./request.ts";
import { withRetries } from "./retries.ts";

/** Brings `partial` to its full size. @returns the hash of what is in it, as hex */
export async function fetchFile(
  requester: Requester,
  file: HubFile,
  partial: string,
  onProgress: (bytes: number) => void,
): Promise<string> {
  const handle = await open(partial, "a+").catch((error: unknown) => {
    throw writeFailure(requester, partial, error);
  });
  try {
    let offset = (await handle.stat()).size;
    const restart = async (): Promise<void> => {
      await handle.truncate(0);
      hash = startHash(file.hash, file.size);
      offset = 0;
    };
    let hash = startHash(file.hash, file.size);
    if (offset > file.size) await restart();
    await hashFile(hash, partial, offset, requester.signal);
    onProgress(offset);
    // the store's own tag of the last answer: a resumed half must be of the same thing
    let tag: string | null = null;
    await withRetries(requester, async (progressed) => {
      if (offset === file.size) return;
      const answer = await request(requester, file.address, {
        method: "GET",
        headers: rangeHeaders(offset, tag),
        accept: offset > 0 ? [416] : [],
      });
      try {
        if (offset > 0 && !continues(answer.response, offset, file.size)) {
          await restart();
          onProgress(0);
          if (answer.response.status !== 200) throw new Transient("an answer for another range");
        }
        tag = answer.response.headers.get("etag");
        for await (const piece of answer.body()) {
          if (offset + piece.length > file.size) throw tooLong(requester, file);
          await append(handle, piece, (error) => writeFailure(requester, partial, error));
          hash.update(piece);
          offset += piece.length;
          progressed();
          onProgress(offset);
        }
      } finally {
        answer.cancel();
      }
      if (offset < file.size) throw new Transient(`an end at ${offset} of ${file.size} bytes`);
    });
    await handle.sync();
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}

function rangeHeaders(offset: number, tag: string | null): Record<string, string> {
  if (offset === 0) return {};
  // a weak tag does not promise equal bytes, and may not be asked for
  const same = tag !== null && !tag.startsWith("W/") ? { "if-range": tag } : {};
  return { range: `bytes=${offset}-`, ...same };
}

/** Whether the answer is the rest of the file from `offset` on. */
function continues({ status, headers }: Response, offset: number, size: number): boolean {
  if (status !== 206) return false;
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  return Number(match?.[1]) === offset && (match?.[2] === "*" || Number(match?.[2]) === size);
}

/** One write may take less than it was given. */
async function append(
  handle: FileHandle,
  piece: Uint8Array,
  failure: (error: unknown) => unknown,
): Promise<void> {
  try {
    for (let done = 0; done < piece.length; ) {
      done += (await handle.write(piece, done)).bytesWritten;
    }
  } catch (error) {
    throw failure(error);
  }
}

function tooLong({ reference }: Requester, file: HubFile): CheckpointError {
  const where = formatHubReference({ ...reference, path: file.path });
  const hint = "Run the same command again; what it has so far is kept";
  return new CheckpointError({ where, expected: `${file.size} bytes`, got: "more", hint });
}

function writeFailure({ reference }: Requester, path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new CheckpointError(
    {
      where: path,
      expected: `to write a part of ${formatHubReference(reference)}`,
      got: full ? "a full disk" : `the system's answer ${code}`,
      hint: full
        ? "Free some space, or set HF_HUB_CACHE to another disk; what was fetched is kept"
        : "HF_HUB_CACHE says where the cache lies",
    },
    { cause: error },
  );
}
