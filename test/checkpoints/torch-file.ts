/** Files of torch.save for tests: zips with one pickle, or the older layout. */

import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "../../src/images/crc32.ts";
import { type Picklable, pickle } from "./pickle-writer.ts";

/** Bytes of a storage by key; a number stands for that many zeros, which take no room on disk. */
export type Storages = Readonly<Record<string, Uint8Array | number>>;

export interface TorchFileOptions {
  /** The folder inside the zip. */
  readonly name?: string;
  /** Sizes and positions in 64 bits, as files past 4 GB have them. */
  readonly zip64?: boolean;
  /** Further entries: `{ byteorder: "big" }`. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Instead of the pickled value. */
  readonly rawPickle?: Buffer;
}

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The file in memory. */
export function torchFile(
  value: Picklable,
  storages: Storages = {},
  options: TorchFileOptions = {},
): Buffer {
  const { pieces, size } = layOut(value, storages, options);
  const file = Buffer.alloc(size);
  for (const { at, bytes } of pieces) file.set(bytes, at);
  return file;
}

/** The file on disk; zeros are holes. */
export async function writeTorchFile(
  path: string,
  value: Picklable,
  storages: Storages = {},
  options: TorchFileOptions = {},
): Promise<void> {
  const { pieces, size } = layOut(value, storages, options);
  const file: FileHandle = await open(path, "w");
  for (const { at, bytes } of pieces) await file.write(bytes, 0, bytes.length, at);
  await file.truncate(size);
  await file.close();
}

/** The same in the layout before PyTorch 1.6. */
export function legacyTorchFile(
  value: Picklable,
  storages: Readonly<Record<string, { readonly bytes: Uint8Array; readonly width: number }>>,
): Buffer {
  const machine = { protocol_version: 1001, little_endian: true };
  return Buffer.concat([
    pickle(0x1950a86a20f9469cfc6cn),
    pickle(1001),
    pickle(machine),
    pickle(value, { legacy: true }),
    pickle(Object.keys(storages)),
    ...Object.values(storages).flatMap(({ bytes, width }) => {
      const count = Buffer.alloc(8);
      count.writeBigUInt64LE(BigInt(bytes.length / width));
      return [count, bytes];
    }),
  ]);
}

/** Bytes of float32 values. */
export function floatBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function layOut(
  value: Picklable,
  storages: Storages,
  { name = "archive", zip64 = false, extra = {}, rawPickle }: TorchFileOptions,
): { readonly pieces: Piece[]; readonly size: number } {
  const entries: [name: string, content: Uint8Array | number][] = [
    ["data.pkl", rawPickle ?? pickle(value)],
    ...Object.entries(storages).map(([key, content]): [string, Uint8Array | number] => [
      `data/${key}`,
      content,
    ]),
    ["version", Buffer.from("3\n")],
    ...Object.entries(extra).map(([key, text]): [string, Buffer] => [key, Buffer.from(text)]),
  ];
  const pieces: Piece[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [file, content] of entries) {
    const size = typeof content === "number" ? content : content.length;
    const crc = typeof content === "number" ? 0 : crc32(content);
    const text = Buffer.from(`${name}/${file}`);
    // PyTorch puts every storage at a multiple of 64 bytes
    const padding = (64 - ((at + 30 + text.length + 4) % 64)) % 64;
    const local = Buffer.concat([Buffer.alloc(30), text, Buffer.alloc(4 + padding)]);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(zip64 ? 0xffffffff : size, 18);
    local.writeUInt32LE(zip64 ? 0xffffffff : size, 22);
    local.writeUInt16LE(text.length, 26);
    local.writeUInt16LE(4 + padding, 28);
    local.writeUInt16LE(0x4246, 30 + text.length);
    local.writeUInt16LE(padding, 32 + text.length);
    pieces.push({ at, bytes: local });
    if (typeof content !== "number") pieces.push({ at: at + local.length, bytes: content });
    directory.push(directoryEntry(text, { size, crc, at, zip64 }));
    at += local.length + size;
  }
  const end = Buffer.concat([
    ...directory,
    endOf(entries.length, Buffer.concat(directory).length, at, zip64),
  ]);
  pieces.push({ at, bytes: end });
  return { pieces, size: at + end.length };
}

function directoryEntry(
  name: Buffer,
  entry: { readonly size: number; readonly crc: number; readonly at: number; zip64: boolean },
): Buffer {
  const { size, crc, at, zip64 } = entry;
  const wide = Buffer.alloc(zip64 ? 28 : 0);
  if (zip64) {
    wide.writeUInt16LE(1, 0);
    wide.writeUInt16LE(24, 2);
    for (const [i, value] of [size, size, at].entries())
      wide.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  }
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(0x02014b50, 0);
  fixed.writeUInt32LE(crc, 16);
  fixed.writeUInt32LE(zip64 ? 0xffffffff : size, 20);
  fixed.writeUInt32LE(zip64 ? 0xffffffff : size, 24);
  fixed.writeUInt16LE(name.length, 28);
  fixed.writeUInt16LE(wide.length, 30);
  fixed.writeUInt32LE(zip64 ? 0xffffffff : at, 42);
  return Buffer.concat([fixed, name, wide]);
}

function endOf(count: number, bytes: number, at: number, zip64: boolean): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : count, 8);
  end.writeUInt16LE(zip64 ? 0xffff : count, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : bytes, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
  if (!zip64) return end;
  const wide = Buffer.alloc(56);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  for (const [i, value] of [count, count, bytes, at].entries()) {
    wide.writeBigUInt64LE(BigInt(value), 24 + 8 * i);
  }
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([wide, locator, end]);
}
