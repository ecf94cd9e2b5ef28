/**
 * The chunks of a PNG (ISO/IEC 15948, 5.3 and 11.3.3): where programs leave words in pictures.
 *
 * Files are hostile: every length is checked before it is used, every checksum compared, compressed
 * text may not grow beyond a limit.
 */

import { inflateSync } from "node:zlib";
import { DataError } from "../errors.ts";
import { crc32 } from "./crc32.ts";

export interface PngChunk {
  /** Four letters: `IHDR`, `tEXt`. */
  readonly type: string;
  readonly data: Uint8Array;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const maximumTextBytes = 16 * 1024 * 1024;
const textTypes = new Set(["tEXt", "zTXt", "iTXt"]);

export function isPng(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && signature.every((byte, i) => bytes[i] === byte);
}

/**
 * All chunks from IHDR to IEND, as views of the file; what follows IEND is left out.
 *
 * @throws DataError naming the byte at which the file stops being a PNG.
 */
export function readChunks(png: Uint8Array, where = "picture"): PngChunk[] {
  const damaged = (got: string): DataError =>
    new DataError({ where, expected: "a whole PNG", got });
  if (!isPng(png)) throw damaged("another kind of file");
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > png.length) throw damaged(`one cut off at byte ${at}`);
    const length = view.getUint32(at);
    const end = at + 12 + length;
    const type = latin1(png.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw damaged(`no chunk name at byte ${at + 4}`);
    if (end > png.length)
      throw damaged(`its ${type} chunk of ${length} bytes cut off at byte ${at}`);
    if (crc32(png.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw damaged(`a wrong checksum in its ${type} chunk at byte ${at}`);
    }
    if (chunks.length === 0 && type !== "IHDR") throw damaged(`${type} where IHDR belongs`);
    chunks.push({ type, data: png.subarray(at + 8, end - 4) });
    if (type === "IEND") return chunks;
    at = end;
  }
}

/** The file of these chunks. */
export function writeChunks(chunks: readonly PngChunk[]): Buffer {
  const parts: Uint8Array[] = [signature];
  for (const { type, data } of chunks) {
    const part = Buffer.alloc(data.length + 12);
    part.writeUInt32BE(data.length, 0);
    part.write(type, 4, "latin1");
    part.set(data, 8);
    part.writeUInt32BE(crc32(part.subarray(4, data.length + 8)), data.length + 8);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** A text chunk: `tEXt` while Latin-1 holds every character, else `iTXt`, uncompressed UTF-8. */
export function textChunk(keyword: string, text: string, type?: "tEXt" | "iTXt"): PngChunk {
  // a zero byte would end the text for most readers
  const clean = text.replaceAll("\0", "\ufffd");
  const latin = /^[\n\x20-\x7e\xa0-\xff]*$/.test(clean);
  if ((type ?? (latin ? "tEXt" : "iTXt")) === "tEXt") {
    return { type: "tEXt", data: Buffer.from(`${keyword}\0${clean}`, "latin1") };
  }
  // keyword · 0 · not compressed, method 0 · no language · 0 · no translated keyword · 0 · text
  const head = Buffer.from(`${keyword}\0\0\0\0\0`, "latin1");
  return { type: "iTXt", data: Buffer.concat([head, Buffer.from(clean, "utf8")]) };
}

/** All texts of a file by keyword; of two with one keyword the first counts. */
export function textsOf(chunks: readonly PngChunk[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const chunk of chunks) {
    const found = textOf(chunk);
    if (found && !texts.has(found.keyword)) texts.set(found.keyword, found.text);
  }
  return texts;
}

/** The keyword of a text chunk, or null for any other chunk. */
export function keywordOf({ type, data }: PngChunk): string | null {
  const end = data.subarray(0, 80).indexOf(0);
  return textTypes.has(type) && end > 0 ? latin1(data.subarray(0, end)) : null;
}

/** Null if the chunk is no text, malformed, or too large when inflated. */
function textOf(chunk: PngChunk): { keyword: string; text: string } | null {
  const keyword = keywordOf(chunk);
  if (keyword === null) return null;
  const rest = chunk.data.subarray(keyword.length + 1);
  if (chunk.type === "tEXt") return { keyword, text: latin1(rest) };
  if (chunk.type === "zTXt") {
    const text = rest[0] === 0 ? inflate(rest.subarray(1)) : null;
    return text && { keyword, text: latin1(text) };
  }
  const compressed = rest[0] === 1;
  const languageEnd = rest.indexOf(0, 2);
  const start = languageEnd < 2 ? -1 : rest.indexOf(0, languageEnd + 1);
  if (start < 0) return null;
  const raw = rest.subarray(start + 1);
  const bytes = compressed ? inflate(raw) : raw;
  return bytes && { keyword, text: new TextDecoder().decode(bytes) };
}

function inflate(bytes: Uint8Array): Uint8Array | null {
  try {
    return inflateSync(bytes, { maxOutputLength: maximumTextBytes });
  } catch {
    return null;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
