/** A zip read in place. The archive is hostile until proven otherwise. */

import { basename } from "node:path";
import yauzl from "yauzl";
import { DataError } from "../errors.ts";
import { crc32 } from "../images/crc32.ts";
import { isHidden, type Source, type SourceFile, sortedByPath } from "./source.ts";

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
  const files: SourceFile[] = [];
  try {
    await eachEntry(zip, (entry) => {
      const name = entry.fileName;
      if (name.endsWith("/") || name.split("/").some(isHidden)) return;
      entries.set(name, entry);
      const stamp = entry.crc32.toString(16).padStart(8, "0");
      files.push({ path: name, bytes: entry.uncompressedSize, stamp });
    });
  } catch (error) {
    zip.close();
    throw damaged(path, error);
  }
  return {
    name: basename(path).replace(/\.zip$/i, ""),
    // of two entries with one name the later counts, as in unpacking
    files: sortedByPath(files.filter((file) => entries.get(file.path)?.crc32 === crcOf(file))),
    read: (file) => readEntry(path, zip, entries.get(file.path)!),
    close: async () => zip.close(),
  };
}

function crcOf(file: SourceFile): number {
  return Number.parseInt(file.stamp, 16);
}

function open(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(damaged(path, error));
      else if (zip.entryCount > maximumFiles) {
        zip.close();
        const got = `${zip.entryCount}`;
        reject(new DataError({ where: path, expected: `at most ${maximumFiles} files`, got }));
      } else resolve(zip);
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
