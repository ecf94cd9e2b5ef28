/** A zip read in place. The archive is hostile until proven otherwise. */

import { basename } from "node:path";
import yauzl from "yauzl";
import { DataError } from "../errors.ts";
import { crc32 } from "../images/crc32.ts";
import { isHidden, type Source, type SourceFile, sortedByPath } from "./source.ts";
import { BlockReader } from "./zip-reader.ts";

// limits against archives that claim to hold more than a machine can
const maximumFiles = 20_000_000;
const maximumFileBytes = 512 * 1024 * 1024;

/**
 * Opens a zip for random access.
 *
 * @throws DataError if it is damaged, or names files outside itself (`../x`, `/x`).
 */
export async function openZip(path: string): Promise<Source> {
  const zip = await open(path);
  const entries = new Map<string, yauzl.Entry>();
  try {
    await eachEntry(zip, (entry) => {
      const name = entry.fileName;
      // of two entries with one name the later counts, as in unpacking
      if (!name.endsWith("/") && !name.split("/").some(isHidden)) entries.set(name, entry);
    });
  } catch (error) {
    zip.close();
    throw damaged(path, error);
  }
  const files = Array.from(entries, ([name, entry]): SourceFile => {
    const stamp = entry.crc32.toString(16).padStart(8, "0");
    return { path: name, bytes: entry.uncompressedSize, stamp };
  });
  return {
    name: basename(path).replace(/\.zip$/i, ""),
    files: sortedByPath(files),
    read: (file) => readEntry(path, zip, entries.get(file.path)!),
    close: async () => zip.close(),
  };
}

function open(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    const reader = new BlockReader(path);
    const options = { lazyEntries: true, autoClose: false };
    yauzl.fromRandomAccessReader(reader, reader.bytes, options, (error, zip) => {
      if (!error && zip.entryCount <= maximumFiles) {
        resolve(zip);
        return;
      }
      reader.close(() => {});
      reject(damaged(path, error ?? new Error(`it claims ${zip.entryCount} files`)));
    });
  });
}

function eachEntry(zip: yauzl.ZipFile, take: (entry: yauzl.Entry) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", resolve);
    zip.on("entry", (entry: yauzl.Entry) => {
      take(entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

function readEntry(path: string, zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Uint8Array> {
  const where = `${path}: ${entry.fileName}`;
  return new Promise((resolve, reject) => {
    if (entry.uncompressedSize > maximumFileBytes) {
      const expected = `at most ${maximumFileBytes} bytes`;
      reject(new DataError({ where, expected, got: `${entry.uncompressedSize}` }));
      return;
    }
    zip.openReadStream(entry, (error, stream) => {
      if (error) {
        reject(damaged(where, error));
        return;
      }
      // the stream fails by itself if more or fewer bytes come than the entry claims
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", (cause) => reject(damaged(where, cause)));
      stream.on("end", () => {
        const bytes = Buffer.concat(chunks);
        if (crc32(bytes) === entry.crc32) resolve(bytes);
        else reject(damaged(where, new Error("checksum differs")));
      });
    });
  });
}

function damaged(where: string, cause: unknown): DataError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const got = `a damaged or unsafe one (${message.split(/[.\n]/)[0]})`;
  return new DataError({ where, expected: "a whole zip", got }, { cause });
}
