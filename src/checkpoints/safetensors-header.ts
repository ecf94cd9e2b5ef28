/**
 * The header of a safetensors file: from bytes to entries and back, with every rule of the format.
 * Nothing in it is believed before it is checked, because sizes here decide what gets allocated.
 */

import { CheckpointError } from "../errors.ts";
import { repeatedKey } from "./json-keys.ts";
import { elementBytes, type TensorDtype } from "./tensor-data.ts";
import type { TensorEntry } from "./tensor-file.ts";

/** Where one tensor lies; offsets are bytes from the end of the header: [begin, end). */
export interface SafetensorsEntry extends TensorEntry {
  readonly offsets: readonly [begin: number, end: number];
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

const DTYPES: ReadonlyMap<string, TensorDtype> = new Map([
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F64", "float64"],
  ["I16", "int16"],
  ["I32", "int32"],
  ["I64", "int64"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["BOOL", "bool"],
]);
const CODES = new Map([...DTYPES].map(([code, dtype]) => [dtype, code]));

/**
 * Parses and checks the JSON of a header.
 *
 * @param bytes the header without its length; `dataBytes` is what follows it in the file.
 * @throws CheckpointError naming `where` for anything the format forbids.
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  { dataBytes, where }: { dataBytes: number; where: string },
): SafetensorsHeader {
  const fail = failure(where);
  const entries: SafetensorsEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(parseObject(bytes, fail))) {
    if (name === "__metadata__") metadata = parseMetadata(value, fail);
    else entries.push(parseEntry(name, value, fail));
  }
  entries.sort((a, b) => a.offsets[0] - b.offsets[0] || a.offsets[1] - b.offsets[1]);
  requireTiling(entries, dataBytes, fail);
  return { entries, metadata };
}

/** The bytes of a header, padded with spaces so that the data behind its 8-byte length is aligned. */
export function encodeSafetensorsHeader({ entries, metadata }: SafetensorsHeader): Uint8Array {
  // joined by hand: a JavaScript object would move names such as "0" to the front
  const fields = entries.map(({ name, dtype, shape, offsets }) => {
    const entry = JSON.stringify({ dtype: CODES.get(dtype), shape, data_offsets: offsets });
    return `${JSON.stringify(name)}:${entry}`;
  });
  if (metadata.size > 0) {
    const pairs = [...metadata].map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    fields.unshift(`"__metadata__":{${pairs.join(",")}}`);
  }
  const bytes = new TextEncoder().encode(`{${fields.join(",")}}`);
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(0x20);
  padded.set(bytes);
  return padded;
}

/**
 * Why `name` may not name a tensor, or null: half characters do not survive UTF-8, and the three
 * names of JavaScript's prototypes would reach into objects built from parameter paths.
 */
export function badTensorName(name: string): string | null {
  if (name === "" || name === "__metadata__") return `the name ${JSON.stringify(name)}`;
  if (HALF_CHARACTER.test(name)) return "a name with half a character in it";
  const reserved = name.split(".").find((part) => RESERVED.has(part));
  return reserved === undefined ? null : `a name with the part "${reserved}"`;
}

/** Why a pair may not stand in `__metadata__`, or null. */
export function badMetadata(key: string, value: unknown): string | null {
  if (typeof value !== "string") return `${kind(value)} at ${quote(key)}`;
  if (HALF_CHARACTER.test(key + value)) return `half a character at ${quote(key)}`;
  return RESERVED.has(key) ? `the key ${quote(key)}` : null;
}

const HALF_CHARACTER = /\p{Surrogate}/u;
const RESERVED = new Set(["__proto__", "prototype", "constructor"]);

type Fail = (expected: string, got: string) => never;

function failure(where: string): Fail {
  return (expected, got) => {
    throw new CheckpointError({
      where,
      expected,
      got,
      hint: "The file is damaged or was not written as safetensors",
    });
  };
}

function parseObject(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  const expected = "a header that is one JSON object";
  if (bytes[0] !== 0x7b) return fail(expected, "a header that does not start with {");
  let parsed: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch {
    return fail(expected, "broken JSON");
  }
  const twice = repeatedKey(text);
  if (twice !== null) return fail("every name once", `${quote(twice)} twice`);
  return parsed as Record<string, unknown>;
}

function parseMetadata(value: unknown, fail: Fail): ReadonlyMap<string, string> {
  if (!isRecord(value)) return fail("__metadata__ to be an object", kind(value));
  for (const [key, text] of Object.entries(value)) {
    const bad = badMetadata(key, text);
    if (bad) return fail("__metadata__ to hold plain texts only", bad);
  }
  return new Map(Object.entries(value as Record<string, string>));
}

function parseEntry(name: string, value: unknown, fail: Fail): SafetensorsEntry {
  const bad = badTensorName(name);
  if (bad) return fail("plain tensor names", bad);
  if (!isRecord(value)) return fail(`${quote(name)} to be an object`, kind(value));
  const { dtype: code, shape, data_offsets: offsets, ...surplus } = value;
  const unknown = Object.keys(surplus)[0];
  if (unknown !== undefined) {
    return fail(`${quote(name)} to have dtype, shape and data_offsets`, quote(unknown));
  }
  const dtype = typeof code === "string" ? DTYPES.get(code) : undefined;
  if (!dtype) {
    const known = [...DTYPES.keys()].join(", ");
    return fail(`the dtype of ${quote(name)} to be one of ${known}`, quote(code));
  }
  if (!isSizes(shape))
    return fail(`the shape of ${quote(name)} to be a list of sizes`, quote(shape));
  if (!isSizes(offsets) || offsets.length !== 2) {
    return fail(`data_offsets of ${quote(name)} to be two byte positions`, quote(offsets));
  }
  const [begin, end] = offsets as [number, number];
  const bytes = byteLength(shape, elementBytes(dtype));
  if (bytes === null || end - begin !== bytes) {
    const needed = bytes === null ? "fewer than 2^53 bytes" : `${bytes} bytes`;
    return fail(
      `${quote(name)} ${code} [${shape.join(", ")}] to take ${needed}`,
      `${end - begin} bytes`,
    );
  }
  return { name, dtype, shape, offsets: [begin, end] };
}

/** Product of the sizes in bytes, or null as soon as it is no longer exact. */
function byteLength(shape: readonly number[], bytesPerElement: number): number | null {
  let bytes = bytesPerElement;
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) return null;
  }
  return bytes;
}

function requireTiling(entries: readonly SafetensorsEntry[], dataBytes: number, fail: Fail): void {
  let position = 0;
  for (const { name, offsets } of entries) {
    if (offsets[0] !== position) {
      const what = offsets[0] > position ? "a gap" : "an overlap";
      fail("tensors that follow each other without gaps", `${what} before ${quote(name)}`);
    }
    position = offsets[1];
  }
  if (position !== dataBytes) {
    fail(`${position} bytes of tensor data, as the header says`, `${dataBytes} bytes`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((size) => Number.isSafeInteger(size) && size >= 0 && !Object.is(size, -0))
  );
}

function kind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

/** A value of the file as JSON, cut so that a hostile one cannot flood a terminal. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
