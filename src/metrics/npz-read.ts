/** Reading NumPy's `.npz`, a zip of arrays, whole or row by row. The file is hostile until checked. */

import yauzl from "yauzl";
import { DataError } from "../errors.ts";
import {
  type NpyHeader,
  type NpyValues,
  npyDataBytes,
  npyElementBytes,
  npyHeaderLength,
  npyNeedsExtra,
  npyPrefixBytes,
  npyValues,
  parseNpyHeader,
} from "./npy-header.ts";
import { EntryBytes } from "./npz-entry.ts";

/** An array with its values in row-major order. */
export interface NpyArray {
  readonly header: NpyHeader;
  readonly values: NpyValues;
}

/** Some rows of an array: all indices but the first stay whole. */
export interface NpyRows {
  readonly header: NpyHeader;
  readonly count: number;
  readonly values: NpyValues;
}

export interface NpzFile {
  readonly path: string;
  /** Names of the arrays, without `.npy`. */
  readonly names: readonly string[];
  /** @throws DataError naming the array. */
  header(name: string): Promise<NpyHeader>;
  /** One array whole, at most 1 GiB. @throws DataError naming the array. */
  read(name: string): Promise<NpyArray>;
  /** One array in pieces of up to `rowsPerPiece` rows. @throws DataError naming the array. */
  rows(name: string, rowsPerPiece: number): AsyncGenerator<NpyRows, void, undefined>;
  close(): void;
}

const mostArrays = 10_000;
const mostBytes = 2 ** 30;

/** Opens a file and reads its directory. @throws DataError if it is no whole `.npz`. */
export async function openNpz(path: string): Promise<NpzFile> {
  const zip = await open(path);
  const entries = new Map<string, yauzl.Entry>();
  try {
    for (const entry of await entriesOf(zip)) {
      const name = entry.fileName.replace(/\.npy$/, "");
      if (name === entry.fileName) continue;
      if (entries.has(name)) throw new Error(`two arrays are called ${name}`);
      entries.set(name, entry);
    }
  } catch (error) {
    zip.close();
    throw damaged(path, error);
  }
  const start = async (name: string): Promise<StartedArray> => {
    const where = `${path}: ${name}`;
    const entry = entries.get(name);
    if (!entry) {
      const known = [...entries.keys()].slice(0, 10).join(", ") || "no arrays";
      throw new DataError({ where: path, expected: `an array called ${name}`, got: known });
    }
    return startArray(zip, entry, where);
  };
  return {
    path,
    names: [...entries.keys()],
    header: async (name) => {
      const { bytes, header } = await start(name);
      bytes.stop();
      return header;
    },
    read: async (name) => readWhole(await start(name)),
    rows: async function* (name, rowsPerPiece) {
      yield* readRows(await start(name), rowsPerPiece);
    },
    close: () => zip.close(),
  };
}

/** An array whose header has been read; its values come next. */
interface StartedArray {
  readonly where: string;
  readonly bytes: EntryBytes;
  readonly header: NpyHeader;
}

async function startArray(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  where: string,
): Promise<StartedArray> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => {
      if (error) reject(damaged(where, error));
      else resolve(opened);
    });
  });
  const bytes = new EntryBytes(stream, entry.crc32, where);
  try {
    const prefix = await bytes.take(npyPrefixBytes);
    const extra = npyNeedsExtra(prefix) ? await bytes.take(2) : undefined;
    const length = npyHeaderLength(prefix, where, extra);
    const header = parseNpyHeader(await bytes.take(length), where);
    const before = npyPrefixBytes + (extra?.length ?? 0) + length;
    const expected = npyDataBytes(header);
    // before anything is allocated by what the header claims
    if (entry.uncompressedSize !== before + expected) {
      throw new DataError({
        where,
        expected: `${expected} bytes of values, as its header says`,
        got: `${entry.uncompressedSize - before}`,
      });
    }
    return { where, bytes, header };
  } catch (error) {
    bytes.stop();
    throw error;
  }
}

async function readWhole({ where, bytes, header }: StartedArray): Promise<NpyArray> {
  const size = npyDataBytes(header);
  if (size > mostBytes) {
    bytes.stop();
    throw new DataError({
      where,
      expected: `at most ${mostBytes} bytes in one piece`,
      got: `${size}`,
      hint: "Read it in rows",
    });
  }
  const values = npyValues(await bytes.take(size), header.dtype);
  await bytes.end();
  if (!header.fortranOrder || header.shape.length < 2) return { header, values };
  return { header: { ...header, fortranOrder: false }, values: toRowMajor(values, header.shape) };
}

async function* readRows(
  { where, bytes, header }: StartedArray,
  rowsPerPiece: number,
): AsyncGenerator<NpyRows, void, undefined> {
  try {
    const [rows, ...rest] = header.shape;
    if (rows === undefined || (header.fortranOrder && rest.length > 0)) {
      throw new DataError({
        where,
        expected: "rows, one after the other",
        got: rows === undefined ? "a single number" : "Fortran order",
      });
    }
    const rowBytes = rest.reduce((product, size) => product * size, npyElementBytes(header.dtype));
    if (rowBytes * Math.min(rowsPerPiece, rows) > mostBytes) {
      const expected = `at most ${mostBytes} bytes in one piece`;
      throw new DataError({ where, expected, got: `rows of ${rowBytes} bytes` });
    }
    // rows without values have nothing to read, however many there are said to be
    for (let done = 0; done < rows && rowBytes > 0; ) {
      const count = Math.min(rowsPerPiece, rows - done);
      const values = npyValues(await bytes.take(count * rowBytes), header.dtype);
      done += count;
      if (done === rows) await bytes.end();
      yield { header, count, values };
    }
  } finally {
    bytes.stop();
  }
}

/** Values whose first index ran fastest, with the last index fastest. */
function toRowMajor(values: NpyValues, shape: readonly number[]): NpyValues {
  const result = values.slice();
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < result.length; to++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis]! + index[axis]!;
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return result;
}

function open(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) {
        reject(damaged(path, error));
      } else if (zip.entryCount > mostArrays) {
        zip.close();
        reject(damaged(path, new Error(`it claims ${zip.entryCount} arrays`)));
      } else resolve(zip);
    });
  });
}

function entriesOf(zip: yauzl.ZipFile): Promise<yauzl.Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: yauzl.Entry[] = [];
    zip.on("error", reject);
    zip.on("end", () => resolve(entries));
    zip.on("entry", (entry: yauzl.Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

function damaged(where: string, cause: unknown): DataError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const got = `a damaged or unsafe one (${message.split(/[.\n]/)[0]})`;
  return new DataError({ where, expected: "a whole .npz", got }, { cause });
}
