/**
 * 2,000 damaged and hostile files: each ends in one clear error or in tensors that are what their
 * shapes say. Which damage a file gets follows from its number.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Call,
  type Picklable,
  pickle,
  TorchTensor,
  Tuple,
} from "../../test/checkpoints/pickle-writer.ts";
import { floatBytes, legacyTorchFile, torchFile } from "../../test/checkpoints/torch-file.ts";
import { CheckpointError } from "../errors.ts";
import { type Random, random } from "../random/random.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { safetensorsChunks } from "./safetensors.ts";
import { elementCount, float32Tensor, type TensorMap } from "./tensor-data.ts";

const SEED = 20_261_124;
const LONGEST_MESSAGE = 2_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Mutation = (bytes: Buffer, draw: Random) => Buffer;

const at = (bytes: Buffer, draw: Random): number => draw.integer(Math.max(1, bytes.length));

/** Numbers that break sums and products. */
const EXTREMES = [0n, 1n, 0x7fffffffn, 0xffffffffn, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 0x10000n];

const mutations: Readonly<Record<string, Mutation>> = {
  "flipped bytes": (bytes, draw) => {
    for (let i = 0; i <= draw.integer(8); i++) bytes[at(bytes, draw)]! ^= 1 + draw.integer(255);
    return bytes;
  },
  "a huge number": (bytes, draw) => {
    const value = EXTREMES[draw.integer(EXTREMES.length)]!;
    const wide = draw.integer(2) === 0;
    const place = draw.integer(Math.max(1, bytes.length - 8));
    if (bytes.length < 8) return bytes;
    if (wide) bytes.writeBigUInt64LE(value, place);
    else bytes.writeUInt32LE(Number(value & 0xffffffffn), place);
    return bytes;
  },
  "a cut": (bytes, draw) => bytes.subarray(0, at(bytes, draw)),
  "a hole": (bytes, draw) => {
    const start = at(bytes, draw);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + draw.integer(64))]);
  },
  "a repeated piece": (bytes, draw) => {
    const start = at(bytes, draw);
    const piece = bytes.subarray(start, start + 1 + draw.integer(256));
    return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start)]);
  },
  "noise in between": (bytes, draw) => {
    const start = at(bytes, draw);
    const noise = Buffer.from(
      Array.from({ length: 1 + draw.integer(40) }, () => draw.integer(256)),
    );
    return Buffer.concat([bytes.subarray(0, start), noise, bytes.subarray(start)]);
  },
};

function mutated(bytes: Buffer, draw: Random): Buffer {
  const all = Object.values(mutations);
  return all[draw.integer(all.length)]!(Buffer.from(bytes), draw);
}

interface Outcome {
  readonly loaded: boolean;
  readonly problem?: string;
}

/** Opens and loads everything; says what is wrong with how that ended. */
async function outcome(bytes: Uint8Array, key?: string): Promise<Outcome> {
  const path = join(folder, "a.bin");
  await writeFile(path, bytes);
  try {
    const file = await openCheckpoint(path, key === undefined ? {} : { key });
    try {
      return { loaded: true, ...wrongTensors(await file.readAll()) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof CheckpointError)) return { loaded: false, problem: String(error) };
    const clear = error.message.length <= LONGEST_MESSAGE && error.message.includes("expected ");
    return clear ? { loaded: false } : { loaded: false, problem: error.message.slice(0, 200) };
  }
}

function wrongTensors(tensors: TensorMap): { problem?: string } {
  for (const [name, { shape, data }] of tensors) {
    if (data.length !== elementCount(shape)) return { problem: `${name}: ${data.length} elements` };
  }
  return {};
}

/** Runs all files of one kind; returns the problems and how many files loaded. */
async function run(count: number, kind: string, make: (draw: Random) => Buffer) {
  const before = process.memoryUsage().rss;
  let highest = before;
  let loaded = 0;
  const problems: string[] = [];
  for (let i = 0; i < count; i++) {
    const draw = random(SEED, kind, i);
    const bytes = make(draw);
    const result = await outcome(bytes, draw.integer(4) === 0 ? "" : undefined);
    if (result.loaded) loaded++;
    if (result.problem !== undefined) problems.push(`${kind} ${i}: ${result.problem}`);
    highest = Math.max(highest, process.memoryUsage().rss);
  }
  // damage that nothing notices, such as another weight, loads; most is noticed
  if (loaded === 0 && kind !== "program") problems.push(`${kind}: none loaded`);
  if (loaded > count / 2) problems.push(`${kind}: ${loaded} of ${count} loaded`);
  return { problems, growth: highest - before };
}

/** One file of the pickle machine may hold a million small values, for a moment. */
const MEMORY = 800e6;

const tensors: TensorMap = new Map([
  [
    "a.weight",
    float32Tensor(
      [3, 4],
      Float32Array.from({ length: 12 }, (_, i) => i),
    ),
  ],
  ["b", float32Tensor([], Float32Array.of(1))],
  ["c", { dtype: "float16", shape: [5], data: new Uint16Array(5) }],
]);
const safetensors = Buffer.concat(safetensorsChunks("a", tensors, { format: "fuzz" }));

const weights: Picklable = {
  model: {
    w: new TorchTensor("0", "FloatStorage", 12, [3, 4]),
    t: new TorchTensor("0", "FloatStorage", 12, [4, 3], { strides: [1, 4] }),
    half: new TorchTensor("1", "HalfStorage", 4, [2, 2]),
  },
  args: new Call("argparse.Namespace", [], { lr: 1e-4, name: "x", sizes: new Tuple([1, 2]) }),
  epoch: 300,
  seed: 2n ** 80n,
};
const storages = { 0: floatBytes(Array.from({ length: 12 }, (_, i) => i)), 1: new Uint8Array(8) };
const whole = {
  zip: torchFile(weights, storages),
  zip64: torchFile(weights, storages, { zip64: true }),
  legacy: legacyTorchFile(weights, {
    0: { bytes: storages[0], width: 4 },
    1: { bytes: storages[1], width: 2 },
  }),
};
const pickled = pickle(weights);

describe("2,000 damaged files", () => {
  it("the whole ones load", async () => {
    for (const bytes of [safetensors, ...Object.values(whole)]) {
      expect(await outcome(bytes)).toEqual({ loaded: true });
    }
  });

  it("600 safetensors: bytes, and headers with other sizes and offsets", async () => {
    const { problems, growth } = await run(600, "safetensors", (draw) =>
      draw.integer(2) === 0 ? mutated(safetensors, draw) : otherHeader(draw),
    );
    expect(problems).toEqual([]);
    expect(growth).toBeLessThan(MEMORY);
  });

  it("600 zips and old files: bytes, directories, sizes of zip64", async () => {
    const files = Object.values(whole);
    const { problems, growth } = await run(600, "zip", (draw) => {
      const bytes = files[draw.integer(files.length)]!;
      return draw.integer(3) === 0 ? lyingDirectory(bytes, draw) : mutated(bytes, draw);
    });
    expect(problems).toEqual([]);
    expect(growth).toBeLessThan(MEMORY);
  });

  it("500 pickles in sound zips: bytes, unknown opcodes, other numbers", async () => {
    const { problems, growth } = await run(500, "pickle", (draw) =>
      torchFile(null, storages, { rawPickle: mutated(pickled, draw) }),
    );
    expect(problems).toEqual([]);
    expect(growth).toBeLessThan(MEMORY);
  });

  it("300 programs of random opcodes, and bombs", async () => {
    const { problems, growth } = await run(300, "program", (draw) =>
      torchFile(null, storages, { rawPickle: program(draw) }),
    );
    expect(problems).toEqual([]);
    expect(growth).toBeLessThan(MEMORY);
  });
});

/** A header whose numbers, types and names are not those of the data. */
function otherHeader(draw: Random): Buffer {
  const length = Number(safetensors.readBigUInt64LE());
  const text = safetensors.toString("utf8", 8, 8 + length);
  const numbers = ["0", "-1", "1e9", "9007199254740993", "1e400", "18446744073709551615", "0.5"];
  const words = ['"F8"', '"BF16"', "null", "[[[[]]]]", "{}", '"__proto__"', "true"];
  const swaps = [
    (value: string) => swap(value, /\d+/g, numbers[draw.integer(numbers.length)]!, draw),
    (value: string) => swap(value, /"[^"]*"/g, words[draw.integer(words.length)]!, draw),
    (value: string) => value.replace("{", `{${'"x":['.repeat(1 + draw.integer(5000))}`),
    (value: string) => swap(value, /\d+,\d+/g, "0,4", draw),
  ];
  const changed = Buffer.from(swaps[draw.integer(swaps.length)]!(text));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(changed.length));
  return Buffer.concat([head, changed, safetensors.subarray(8 + length)]);
}

function swap(text: string, pattern: RegExp, by: string, draw: Random): string {
  const places = [...text.matchAll(pattern)];
  const place = places[draw.integer(places.length)]!;
  return text.slice(0, place.index) + by + text.slice(place.index + place[0].length);
}

/** A zip whose directory says something else: offsets, sizes and counts of its records. */
function lyingDirectory(bytes: Buffer, draw: Random): Buffer {
  const records: readonly (readonly [
    signature: string,
    fields: readonly number[],
    wide: boolean,
  ])[] = [
    ["PK\x01\x02", [8, 10, 20, 24, 28, 30, 32, 42], false],
    ["PK\x05\x06", [8, 10, 12, 16, 20], false],
    ["PK\x06\x06", [24, 32, 40, 48], true],
    ["PK\x06\x07", [8], true],
    ["PK\x03\x04", [18, 22, 26, 28], false],
  ];
  const copy = Buffer.from(bytes);
  const [signature, fields, wide] = records[draw.integer(records.length)]!;
  const places: number[] = [];
  for (
    let i = copy.indexOf(signature, 0, "latin1");
    i >= 0;
    i = copy.indexOf(signature, i + 1, "latin1")
  ) {
    places.push(i);
  }
  // old files and small zips lack some of the records
  if (places.length === 0) return mutated(bytes, draw);
  const place = places[draw.integer(places.length)]! + fields[draw.integer(fields.length)]!;
  const value = EXTREMES[draw.integer(EXTREMES.length)]!;
  if (place + 8 > copy.length) return copy;
  if (wide) copy.writeBigUInt64LE(value, place);
  else copy.writeUInt32LE(Number(value & 0xffffffffn), place);
  return copy;
}

/** Opcodes with their arguments, most of them in places where they make no sense. */
function program(draw: Random): Buffer {
  if (draw.integer(6) === 0) return bomb(draw);
  const pieces = [
    ..."N()]}tle0q\x01h\x01asudRbQ.2\x85\x86\x87\x88\x89\x8f\x90\x91\x93\x94\x81\x92".split(""),
    "K\x05",
    "J\xff\xff\xff\xff",
    "M\xff\xff",
    "X\x07\x00\x00\x00storage",
    "X\x01\x00\x00\x000",
    "\x8c\x03cpu",
    "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    "\x8b\xff\xff\xff\x7f",
    "G\x7f\xf0\x00\x00\x00\x00\x00\x00",
    "ctorch\nFloatStorage\n",
    "ctorch._utils\n_rebuild_tensor_v2\n",
    "ccollections\nOrderedDict\n",
    "cbuiltins\ngetattr\n",
    "cargparse\nNamespace\n",
    "\x95\xff\xff\xff\xff\xff\xff\xff\xff",
    "\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
    "q\x00",
    "h\x00",
  ];
  const length = 1 + draw.integer(200);
  const parts = Array.from({ length }, () => pieces[draw.integer(pieces.length)]!);
  return Buffer.from(`\x80\x02}${parts.join("")}.`, "latin1");
}

/** Deep nesting, doubling, and one container after the other. */
function bomb(draw: Random): Buffer {
  const count = 1000 + draw.integer(50_000);
  const deep = `${"]".repeat(count)}${"a".repeat(count - 1)}`;
  const doubled = Array.from({ length: 60 }, (_, i) => {
    const [before, own] = [String.fromCharCode(i), String.fromCharCode(i + 1)];
    return `](h${before}h${before}eq${own}`;
  });
  const bodies = [
    deep,
    "(".repeat(count),
    `]q\x00${doubled.map((one) => `0${one}`).join("")}`,
    "}".repeat(count),
    `]q\x00${"h\x00a".repeat(count)}`,
    `X\x01\x00\x00\x00a${"2\x86".repeat(count)}`,
  ];
  const body = bodies[draw.integer(bodies.length)]!;
  return Buffer.from(`\x80\x02}X\x01\x00\x00\x00a${body}s.`, "latin1");
}
