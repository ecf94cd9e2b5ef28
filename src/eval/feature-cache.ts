/**
 * Features that were computed before, by the content of their picture.
 *
 * A folder for each network holds files of records of one length; a run appends to a file of its own, so
 * that runs beside each other cannot disturb one another, and one that was killed leaves whole records
 * and at most one torn one, which is passed over.
 */
import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../errors.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import { crc32 } from "../images/crc32.ts";

export interface FeatureRow {
  /** [D]. */
  readonly features: Float32Array;
  /** [K]. */
  readonly logits: Float32Array;
  /** [S]; null where the network has none. */
  readonly spatial: Float32Array | null;
}

const KEY_BYTES = 32;
const CRC_BYTES = 4;
const ENDING = ".rows";
const SCAN_BYTES = 1 << 20;

interface Place {
  readonly file: FileHandle;
  readonly at: number;
}

export class FeatureCache {
  readonly #folder: string;
  readonly #width: number;
  readonly #classes: number;
  readonly #spatialWidth: number;
  readonly #recordBytes: number;
  /** More than one only where a record was damaged and computed anew. */
  readonly #places = new Map<string, readonly Place[]>();
  readonly #files: FileHandle[] = [];
  #own: FileHandle | null = null;
  #ownBytes = 0;

  private constructor(folder: string, { width, classes, spatialWidth }: FeatureNetwork) {
    this.#folder = folder;
    this.#width = width;
    this.#classes = classes;
    this.#spatialWidth = spatialWidth ?? 0;
    this.#recordBytes = KEY_BYTES + 4 * (width + classes + this.#spatialWidth) + CRC_BYTES;
  }

  /** @param folder of all caches; @throws DataError if it cannot be made. */
  static async open(folder: string, network: FeatureNetwork): Promise<FeatureCache> {
    const { name, preprocessing, width, classes, spatialWidth } = network;
    const sizes = spatialWidth === null ? [width, classes] : [width, classes, spatialWidth];
    const identity = JSON.stringify([1, name, preprocessing, ...sizes]);
    const short = createHash("sha256").update(identity).digest("hex").slice(0, 12);
    const own = join(folder, `${name.replace(/[^\w.-]+/g, "-").slice(0, 60)}-${short}`);
    await mkdir(own, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
      const facts = { where: own, expected: "a folder for features", got: `${cause.code}` };
      throw new DataError({ ...facts, hint: "Set ORDO_HOME to a folder that can be written" });
    });
    const cache = new FeatureCache(own, network);
    const names = (await readdir(own)).filter((file) => file.endsWith(ENDING));
    for (const file of names.sort()) await cache.#scan(join(own, file));
    return cache;
  }

  /** What a picture is called here: its content, and how it was decoded. */
  static key(hash: string, decoding: string): string {
    return createHash("sha256").update(`${hash}\n${decoding}`).digest("hex");
  }

  /** Null for what was never computed, and for damaged records. */
  async get(key: string): Promise<FeatureRow | null> {
    for (const place of this.#places.get(key) ?? []) {
      const row = await this.#read(place);
      if (row) return row;
    }
    return null;
  }

  /** Adds rows, in one write. @throws DataError if the disk is full. */
  async put(rows: readonly (FeatureRow & { readonly key: string })[]): Promise<void> {
    if (rows.length === 0) return;
    const size = this.#recordBytes;
    const bytes = new Uint8Array(rows.length * size);
    for (const [i, { key, features, logits, spatial }] of rows.entries()) {
      const record = bytes.subarray(i * size, (i + 1) * size);
      record.set(Buffer.from(key, "hex"));
      record.set(bytesOf(features), KEY_BYTES);
      record.set(bytesOf(logits), KEY_BYTES + 4 * this.#width);
      if (spatial) record.set(bytesOf(spatial), KEY_BYTES + 4 * (this.#width + this.#classes));
      const end = size - CRC_BYTES;
      new DataView(bytes.buffer, i * size).setUint32(end, crc32(record.subarray(0, end)), true);
    }
    const file = await this.#ownFile();
    await file.write(bytes, 0, bytes.length, this.#ownBytes);
    rows.forEach(({ key }, i) => {
      this.#remember(key, { file, at: this.#ownBytes + i * size });
    });
    this.#ownBytes += bytes.length;
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }

  async #read({ file, at }: Place): Promise<FeatureRow | null> {
    const record = new Uint8Array(this.#recordBytes);
    const { bytesRead } = await file.read(record, 0, record.length, at);
    const end = record.length - CRC_BYTES;
    const sum = new DataView(record.buffer).getUint32(end, true);
    if (bytesRead < record.length || sum !== crc32(record.subarray(0, end))) return null;
    const values = new Float32Array(record.buffer, KEY_BYTES, (end - KEY_BYTES) / 4);
    const [logitsAt, spatialAt] = [this.#width, this.#width + this.#classes];
    return {
      features: values.slice(0, logitsAt),
      logits: values.slice(logitsAt, spatialAt),
      spatial: this.#spatialWidth > 0 ? values.slice(spatialAt) : null,
    };
  }

  #remember(key: string, place: Place): void {
    this.#places.set(key, [...(this.#places.get(key) ?? []), place]);
  }

  async #ownFile(): Promise<FileHandle> {
    if (this.#own) return this.#own;
    const name = `${process.pid}-${randomBytes(4).toString("hex")}${ENDING}`;
    this.#own = await open(join(this.#folder, name), "wx+");
    this.#files.push(this.#own);
    return this.#own;
  }

  async #scan(path: string): Promise<void> {
    const file = await open(path, "r");
    this.#files.push(file);
    const size = this.#recordBytes;
    const block = Buffer.alloc(Math.max(1, Math.floor(SCAN_BYTES / size)) * size);
    for (let at = 0; ; at += block.length) {
      const { bytesRead } = await file.read(block, 0, block.length, at);
      for (let from = 0; from + size <= bytesRead; from += size) {
        const key = block.toString("hex", from, from + KEY_BYTES);
        this.#remember(key, { file, at: at + from });
      }
      if (bytesRead < block.length) return;
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
