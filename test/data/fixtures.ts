/** Small pictures, folders and zips for tests. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { crc32 } from "../../src/images/crc32.ts";
import type { Colour, Picture } from "../../src/images/index.ts";
import { random } from "../../src/random/random.ts";

/** A folder that is gone after the test. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "ordo-test-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Encoded picture of one colour. */
export function flatPng(
  [r, g, b]: Colour,
  { width = 8, height = 8, alpha = 1 }: { width?: number; height?: number; alpha?: number } = {},
): Promise<Buffer> {
  const channels = alpha === 1 ? 3 : 4;
  return sharp({ create: { width, height, channels, background: { r, g, b, alpha } } })
    .png()
    .toBuffer();
}

/** A picture of noise: every pixel differs, so nothing moves unnoticed. */
export function noisePicture(seed: number, width: number, height: number = width): Picture {
  const stream = random(seed, "noise");
  const data = Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256));
  return { width, height, data };
}

export type FileTree = Readonly<Record<string, Uint8Array | string>>;

export async function writeTree(folder: string, files: FileTree): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A zip of stored files; `claim` lies about sizes or checksums, for hostile archives. */
export function zipOf(
  files: FileTree,
  claim: { readonly bytes?: number; readonly crc?: number } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const data = Buffer.from(content);
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt32LE(claim.crc ?? crc32(data), 10);
    common.writeUInt32LE(claim.bytes ?? data.length, 14);
    common.writeUInt32LE(claim.bytes ?? data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, place, name);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), common, name, data);
    offset += 30 + name.length + data.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}
