/**
 * The directory of a zip whose entries are stored as they are, which is how PyTorch writes: reads
 * the table of contents alone, so that tensors can be read by offset (APPNOTE 4.3, 4.5.3).
 */

import { CheckpointError } from "../../errors.ts";
import { type OpenFile, readBytes } from "../read-bytes.ts";

/** An entry; where its bytes begin is only known from its own header. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** Of the header in front of the bytes. */
  readonly headerOffset: number;
  readonly stored: boolean;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LOCATOR_64_BYTES = 20;
const END_64_BYTES = 56;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
/** A checkpoint has one entry per storage: a million of them would be ten times any known one. */
const LARGEST_DIRECTORY = 100_000_000;
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;

const fail = (where: string, expected: string, got: string): never => {
  const hint = "The file is cut short or damaged";
  throw new CheckpointError({ where, expected, got, hint });
};

/** All entries by name. @throws CheckpointError if the directory contradicts itself or the file. */
export async function readZipDirectory(file: OpenFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const { path } = file;
  const { count, offset, size } = await readEnd(file);
  if (size > LARGEST_DIRECTORY) fail(path, "a zip directory of at most 100 MB", `${size} bytes`);
  if (count > Math.floor(size / ENTRY_BYTES)) {
    fail(path, `a zip directory of ${count} entries`, `${size} bytes for it`);
  }
  const bytes = new DataView(await readBytes(file, offset, size));
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(bytes, at, path);
    if (entries.has(entry.name)) fail(path, "every entry once", `${quote(entry.name)} twice`);
    if (entry.headerOffset + LOCAL_BYTES + entry.size > offset) {
      const got = `${entry.size} bytes at ${entry.headerOffset} of ${offset}`;
      fail(path, `the entry ${quote(entry.name)} inside the file`, got);
    }
    entries.set(entry.name, entry);
    at = next;
  }
  return entries;
}

/** Where an entry's bytes begin. @throws CheckpointError if its header is not where it should be. */
export async function entryStart(file: OpenFile, entry: ZipEntry): Promise<number> {
  const where = `${file.path}: ${quote(entry.name)}`;
  const header = new DataView(await readBytes(file, entry.headerOffset, LOCAL_BYTES));
  if (header.getUint32(0, true) !== LOCAL) {
    fail(where, `an entry's header at ${entry.headerOffset}`, "other bytes");
  }
  const names = header.getUint16(26, true) + header.getUint16(28, true);
  const start = entry.headerOffset + LOCAL_BYTES + names;
  if (start + entry.size > file.size) fail(where, `${entry.size} bytes at ${start}`, "fewer");
  return start;
}

interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

async function readEnd(file: OpenFile): Promise<Directory> {
  const { path } = file;
  const tailBytes = Math.min(file.size, END_BYTES + LONGEST_COMMENT + LOCATOR_64_BYTES);
  const tailStart = file.size - tailBytes;
  const tail = new DataView(await readBytes(file, tailStart, tailBytes));
  let at = tailBytes - END_BYTES;
  const isEnd = () =>
    tail.getUint32(at, true) === END &&
    at + END_BYTES + tail.getUint16(at + 20, true) === tailBytes;
  while (at >= 0 && !isEnd()) at--;
  if (at < 0) return fail(path, "a zip with its directory at the end", "no directory");
  const plain = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  const locator = at - LOCATOR_64_BYTES;
  const has64 = locator >= 0 && tail.getUint32(locator, true) === LOCATOR_64;
  const { directory, end } = has64
    ? await readEnd64(file, exact(tail, locator + 8, path), tailStart + locator)
    : { directory: plain, end: tailStart + at };
  if (!has64 && (plain.count === FULL_16 || plain.size === FULL_32 || plain.offset === FULL_32)) {
    return fail(path, "a zip64 directory, as the sizes say", "none");
  }
  if (directory.offset + directory.size > end) {
    const got = `${directory.size} bytes at ${directory.offset}`;
    return fail(path, `a zip directory before byte ${end}`, got);
  }
  return directory;
}

async function readEnd64(
  file: OpenFile,
  offset: number,
  limit: number,
): Promise<{ directory: Directory; end: number }> {
  const { path } = file;
  if (offset + END_64_BYTES > limit) {
    return fail(path, `a zip64 directory before byte ${limit}`, `one at ${offset}`);
  }
  const end = new DataView(await readBytes(file, offset, END_64_BYTES));
  if (end.getUint32(0, true) !== END_64) {
    return fail(path, `a zip64 directory at ${offset}`, "other bytes");
  }
  const directory = {
    count: exact(end, 32, path),
    size: exact(end, 40, path),
    offset: exact(end, 48, path),
  };
  return { directory, end: offset };
}

function readEntry(
  bytes: DataView,
  at: number,
  where: string,
): { readonly entry: ZipEntry; readonly next: number } {
  const whole = at + ENTRY_BYTES <= bytes.byteLength && bytes.getUint32(at, true) === ENTRY;
  if (!whole) return fail(where, "an entry in the zip directory", "other bytes");
  const nameBytes = bytes.getUint16(at + 28, true);
  const extraBytes = bytes.getUint16(at + 30, true);
  const extra = at + ENTRY_BYTES + nameBytes;
  const next = extra + extraBytes + bytes.getUint16(at + 32, true);
  if (next > bytes.byteLength) return fail(where, "a whole zip directory", "one cut short");
  const name = new TextDecoder().decode(
    new Uint8Array(bytes.buffer, bytes.byteOffset + at + ENTRY_BYTES, nameBytes),
  );
  // fields that are too small for their number stand in an extra field, in this order
  const wide = zip64Field(bytes, extra, extra + extraBytes);
  const numberAt = (field: number): number => {
    const value = bytes.getUint32(at + field, true);
    if (value !== FULL_32) return value;
    const found = wide.shift();
    if (found === undefined) return fail(where, `a zip64 size of ${quote(name)}`, "none");
    if (!Number.isSafeInteger(found)) return fail(where, "sizes below 2^53", `${found}`);
    return found;
  };
  const size = numberAt(24);
  const packed = numberAt(20);
  const headerOffset = numberAt(42);
  const encrypted = (bytes.getUint16(at + 8, true) & 1) === 1;
  const stored = bytes.getUint16(at + 10, true) === 0 && packed === size && !encrypted;
  return { entry: { name, size, headerOffset, stored }, next };
}

/** The 64-bit numbers of the zip64 extra field; none if there is no such field. */
function zip64Field(bytes: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; at += 4 + bytes.getUint16(at + 2, true)) {
    if (bytes.getUint16(at, true) !== 1) continue;
    const count = Math.floor(Math.min(bytes.getUint16(at + 2, true), end - at - 4) / 8);
    return Array.from({ length: count }, (_, i) =>
      Number(bytes.getBigUint64(at + 4 + 8 * i, true)),
    );
  }
  return [];
}

function exact(bytes: DataView, at: number, where: string): number {
  const value = bytes.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return fail(where, "positions below 2^53", String(value));
  }
  return Number(value);
}

function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
