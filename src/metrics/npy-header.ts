/**
 * Headers of NumPy's array files (`.npy`, versions 1 to 3): a small Python dictionary before the raw
 * values. Nothing of it is ever run, and a damaged or hostile one is refused.
 */

import { DataError } from "../errors.ts";

/** Element types that are read and written; all little-endian. */
export type NpyDtype = "uint8" | "bool" | "int32" | "int64" | "float32" | "float64";

/** Values as they lie in memory; bool as bytes. */
export type NpyValues = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

export interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Whether the first index runs fastest. */
  readonly fortranOrder: boolean;
}

/** Start of every file, and what the version adds to it until the length of the header is known. */
export const npyPrefixBytes = 10;

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** Ours take 128 bytes; long ones describe records, which are not read. */
const longestHeader = 1 << 16;

const codes: Readonly<Record<NpyDtype, string>> = {
  uint8: "|u1",
  bool: "|b1",
  int32: "<i4",
  int64: "<i8",
  float32: "<f4",
  float64: "<f8",
};
const dtypes: ReadonlyMap<string, NpyDtype> = new Map(
  Object.entries(codes).map(([dtype, code]) => [code, dtype as NpyDtype]),
);

export function npyElementBytes(dtype: NpyDtype): number {
  return Number(codes[dtype].slice(2));
}

/** Bytes of all values. */
export function npyDataBytes({ dtype, shape }: NpyHeader): number {
  return shape.reduce((product, size) => product * size, npyElementBytes(dtype));
}

/** Bytes as values, without a copy where they are aligned. */
export function npyValues(bytes: Uint8Array, dtype: NpyDtype): NpyValues {
  const { buffer, byteOffset, length } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  switch (dtype) {
    case "uint8":
    case "bool":
      return bytes;
    case "int32":
      return new Int32Array(buffer, byteOffset, length / 4);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, length / 8);
    case "float32":
      return new Float32Array(buffer, byteOffset, length / 4);
    case "float64":
      return new Float64Array(buffer, byteOffset, length / 8);
  }
}

/**
 * How many bytes follow the first `npyPrefixBytes` until the values begin.
 *
 * @param extra the two bytes after the prefix, which versions 2 and 3 need: asked for when missing.
 * @throws DataError for another format or version, and for endless headers.
 */
export function npyHeaderLength(prefix: Uint8Array, where: string, extra?: Uint8Array): number {
  const version = prefix[6]!;
  if (!magic.every((byte, i) => prefix[i] === byte) || version < 1 || version > 3) {
    throw broken(where, "an array file of version 1 to 3", "something else");
  }
  const low = prefix[8]! + prefix[9]! * 256;
  if (version === 1) return low;
  const length = low + ((extra?.[0] ?? 0) + (extra?.[1] ?? 0) * 256) * 65_536;
  if (length > longestHeader) {
    throw broken(where, `a header of at most ${longestHeader} bytes`, `${length}`);
  }
  return length;
}

/** Whether two more bytes belong to the length of the header. */
export function npyNeedsExtra(prefix: Uint8Array): boolean {
  return prefix[6]! > 1;
}

/**
 * Reads the dictionary.
 *
 * @throws DataError naming `where`: fields missing or twice, types that are not read, impossible sizes.
 */
export function parseNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  const text = new TextDecoder("latin1").decode(bytes).trim();
  const fields = parseFields(text, where);
  const code = fields.get("descr")!;
  const dtype = dtypes.get(code);
  if (dtype === undefined) {
    throw broken(
      where,
      `values of type ${[...dtypes.keys()].join(", ")}`,
      code.slice(0, 40) || "none",
      code.includes("O") ? "It holds Python objects; save plain numbers" : undefined,
    );
  }
  const shape = parseShape(fields.get("shape")!, where);
  const header = { dtype, shape, fortranOrder: fields.get("fortran_order") === "True" };
  if (!Number.isSafeInteger(npyDataBytes(header))) {
    throw broken(where, "a size below 2^53 bytes", `the shape (${shape.join(", ").slice(0, 80)})`);
  }
  return header;
}

const field =
  /\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^'\\]*)'|(True|False)|\(([\dL,\s]*)\))\s*(?:,|$)/y;
/** Which group of `field` must hold the value. */
const valueGroup: Readonly<Record<string, number>> = { descr: 2, fortran_order: 3, shape: 4 };

function parseFields(text: string, where: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const inner = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1).trimEnd() : null;
  field.lastIndex = 0;
  while (inner !== null && field.lastIndex < inner.length) {
    const match = field.exec(inner);
    const name = match?.[1];
    const value = name && match[valueGroup[name]!];
    if (!name || value === undefined || fields.has(name)) {
      fields.clear();
      break;
    }
    fields.set(name, value);
  }
  if (fields.size !== 3) {
    throw broken(where, "a header with descr, fortran_order and shape", "another one");
  }
  return fields;
}

function parseShape(text: string, where: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  // a tuple of one size ends in a comma, the empty one has no part
  if (parts.at(-1) === "") parts.pop();
  if (parts.length > 32 || parts.some((part) => !/^\d{1,15}L?$/.test(part))) {
    throw broken(where, "a shape of up to 32 sizes", `(${text.slice(0, 80)})`);
  }
  return parts.map((part) => Number.parseInt(part, 10));
}

/** The bytes before the values, of version 1.0, padded to a multiple of 64. */
export function encodeNpyHeader({ dtype, shape, fortranOrder }: NpyHeader): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = fortranOrder ? "True" : "False";
  const text = `{'descr': '${codes[dtype]}', 'fortran_order': ${order}, 'shape': (${tuple}), }`;
  const total = Math.ceil((npyPrefixBytes + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set(magic);
  bytes.set([1, 0], magic.length);
  new DataView(bytes.buffer).setUint16(8, total - npyPrefixBytes, true);
  bytes.set(new TextEncoder().encode(text), npyPrefixBytes);
  bytes[total - 1] = 0x0a;
  return bytes;
}

function broken(where: string, expected: string, got: string, hint?: string): DataError {
  return new DataError({ where, expected, got, ...(hint ? { hint } : {}) });
}
