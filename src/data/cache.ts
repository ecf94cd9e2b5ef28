/** Decoded pictures of a data set kept as one raw file, so that later runs start at once. */

import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { ConfigError, DataError } from "../errors.ts";
import { type Colour, type Picture, white, writeWhole } from "../images/index.ts";
import type { Dataset, LoadOptions } from "./dataset.ts";
import type { Skipped } from "./example.ts";

export interface CacheOptions {
  /** Pixels per side; cached pictures are square. */
  readonly size: number;
  readonly fit?: "cover" | "contain" | "fill";
  readonly background?: Colour;
  /** Where cache files lie; `cacheFolder()` unless given. */
  readonly folder?: string;
  /** Called as decoding goes on, when there is no cache yet. */
  readonly onProgress?: (done: number, total: number) => void;
}

// file: N pictures [S, S, 3] of bytes, then JSON, then its length (u32 LE) and these 8 bytes
const magic = "ordopix1";

interface Footer {
  readonly size: number;
  readonly count: number;
  readonly broken: readonly { readonly index: number; readonly reason: string }[];
}

/**
 * The same data set, its pictures decoded once to `size` × `size` and kept in a file named by their
 * content (paths, sizes, times or checksums) and the decoding options.
 *
 * @throws DataError if every picture is broken, or the file cannot be written.
 */
export async function cacheDataset(dataset: Dataset, options: CacheOptions): Promise<Dataset> {
  const { size, fit = "cover", background = white } = options;
  const load = { size, fit, background };
  const folder = join(options.folder ?? cacheFolder(), "pictures");
  const path = join(folder, `${dataset.name.slice(0, 60)}-${size}-${cacheKey(dataset, load)}.bin`);
  let opened = await openCache(path, size, dataset.size);
  if (!opened) {
    await makeFolder(folder);
    await build(dataset, load, path, options.onProgress);
    opened = await openCache(path, size, dataset.size);
    if (!opened)
      throw new DataError({ where: path, expected: "the cache just written", got: "none" });
  }
  return cachedView(dataset, load, opened);
}

function cacheKey(dataset: Dataset, load: Required<LoadOptions>): string {
  const { size, fit, background } = load;
  const hash = createHash("sha256").update(JSON.stringify([magic, size, fit, background]));
  for (const line of dataset.fingerprint) hash.update(`\n${line}`);
  return hash.digest("hex").slice(0, 32);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const hint = "Set ORDO_HOME to a folder that can be written";
    throw new ConfigError({ where: folder, expected: "a cache folder", got, hint }, { cause });
  }
}

async function build(
  dataset: Dataset,
  load: Required<LoadOptions> & { readonly size: number },
  path: string,
  onProgress: CacheOptions["onProgress"],
): Promise<void> {
  const { size } = load;
  const blank = new Uint8Array(size * size * 3);
  const broken: { index: number; reason: string }[] = [];
  // enough to keep the decoder's threads busy without holding many large pictures
  const atOnce = 16;
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < dataset.size; start += atOnce) {
      const indices = Array.from(
        { length: Math.min(atOnce, dataset.size - start) },
        (_, i) => start + i,
      );
      const pictures = await Promise.all(indices.map((index) => dataset.load(index, load)));
      for (const [i, picture] of pictures.entries()) {
        if (!picture) broken.push({ index: start + i, reason: reasonFor(dataset, start + i) });
        yield picture?.data ?? blank;
      }
      onProgress?.(start + indices.length, dataset.size);
    }
    if (broken.length === dataset.size) {
      const got = `all ${dataset.size} broken (${broken[0]!.reason})`;
      throw new DataError({ where: dataset.name, expected: "readable pictures", got });
    }
    const footer: Footer = { size, count: dataset.size, broken };
    const json = Buffer.from(JSON.stringify(footer));
    const tail = Buffer.alloc(12);
    tail.writeUInt32LE(json.length);
    tail.write(magic, 4, "latin1");
    yield Buffer.concat([json, tail]);
  }
  await writeWhole(path, content());
}

function reasonFor(dataset: Dataset, index: number): string {
  const { file } = dataset.examples[index]!;
  return dataset.skipped().find((skipped) => skipped.file === file)?.reason ?? "broken";
}

interface OpenCache {
  readonly handle: FileHandle;
  readonly footer: Footer;
}

/** The cache file, or null if there is none or it is not whole. */
async function openCache(path: string, size: number, count: number): Promise<OpenCache | null> {
  const handle = await open(path, "r").catch(() => null);
  if (!handle) return null;
  const footer = await readFooter(handle, size, count).catch(() => null);
  if (footer) return { handle, footer };
  await handle.close();
  return null;
}

async function readFooter(handle: FileHandle, size: number, count: number): Promise<Footer | null> {
  const { size: fileBytes } = await handle.stat();
  const pictureBytes = size * size * 3 * count;
  if (fileBytes < pictureBytes + 12) return null;
  const tail = Buffer.alloc(fileBytes - pictureBytes);
  await handle.read(tail, 0, tail.length, pictureBytes);
  if (tail.toString("latin1", tail.length - 8) !== magic) return null;
  if (tail.readUInt32LE(tail.length - 12) !== tail.length - 12) return null;
  const footer = JSON.parse(tail.toString("utf8", 0, tail.length - 12)) as Footer;
  return footer.size === size && footer.count === count ? footer : null;
}

function cachedView(
  dataset: Dataset,
  cached: Required<LoadOptions> & { readonly size: number },
  { handle, footer }: OpenCache,
): Dataset {
  const { size } = cached;
  const pictureBytes = size * size * 3;
  const broken = new Set(footer.broken.map(({ index }) => index));
  const known = new Set(dataset.skipped().map(({ file }) => file));
  const skipped: Skipped[] = footer.broken
    .map(({ index, reason }) => ({ file: dataset.examples[index]!.file, reason }))
    .filter(({ file }) => !known.has(file));
  return {
    ...dataset,
    skipped: () => [...dataset.skipped(), ...skipped],
    load: async (index, options = {}) => {
      const { size: wanted = size, fit = cached.fit, background = cached.background } = options;
      const same = fit === cached.fit && background.join() === cached.background.join();
      if (wanted !== size || !same) return dataset.load(index, options);
      if (broken.has(index)) return null;
      const data = new Uint8Array(pictureBytes);
      await handle.read(data, 0, pictureBytes, index * pictureBytes);
      return { width: size, height: size, data } satisfies Picture;
    },
    close: async () => {
      await handle.close();
      await dataset.close();
    },
  };
}
