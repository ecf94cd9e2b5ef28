import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import { random } from "../random/random.ts";
import { openSafetensors, readSafetensors, writeSafetensors } from "./safetensors.ts";
import {
  elementBytes,
  elementCount,
  float32Tensor,
  type TensorData,
  type TensorDtype,
  type TensorMap,
  viewBytes,
} from "./tensor-data.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-safetensors-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (name: string) => join(folder, name);

/** A file from a header's text and its data, with the true header length unless told otherwise. */
async function written(header: string | Uint8Array, dataBytes = 0, length?: bigint) {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  await writeFile(file("made.safetensors"), bytes);
  return file("made.safetensors");
}

const f32 = (shape: unknown, begin: unknown, end: unknown) =>
  JSON.stringify({ dtype: "F32", shape, data_offsets: [begin, end] });

async function refusal(path: string): Promise<string> {
  const error = await openSafetensors(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  const { message } = error as CheckpointError;
  expect(message.startsWith(path)).toBe(true);
  expect(message).not.toContain("\n");
  return message.slice(path.length + 2);
}

const dtypes: TensorDtype[] = [
  "float32",
  "float16",
  "bfloat16",
  "float64",
  "int32",
  "int64",
  "uint8",
  "int8",
  "bool",
];
const tensor: fc.Arbitrary<TensorData> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 3 }), fc.nat())
  .map(([dtype, shape, seed]) => {
    const bytes = new Uint8Array(elementCount(shape) * elementBytes(dtype));
    const { integer } = random(seed);
    return { dtype, shape, data: viewBytes(dtype, bytes.map(() => integer(256)).buffer) };
  });
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/__proto__|prototype|constructor/.test(text));

describe("safetensors", () => {
  it("gives back what was written, to the byte, and writes it equal again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, tensor, { maxKeys: 8 }),
        fc.dictionary(name, fc.string({ unit: "grapheme" }), { maxKeys: 3 }),
        async (tensors, metadata) => {
          const map: TensorMap = new Map(Object.entries(tensors));
          await writeSafetensors(file("a"), map, metadata);
          const opened = await openSafetensors(file("a"));
          const read = await opened.readAll();
          await opened.close();
          expect(new Map([...read].sort())).toEqual(new Map([...map].sort()));
          await writeSafetensors(file("b"), read, Object.fromEntries(opened.metadata));
          expect(await readFile(file("b"))).toEqual(await readFile(file("a")));
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it("aligns data: the header fills 8-byte units and wide elements come first", async () => {
    const map = new Map<string, TensorData>([
      ["byte", { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ["wide", { dtype: "int64", shape: [1], data: BigInt64Array.of(-5n) }],
      ["z", float32Tensor([], Float32Array.of(1))],
      ["a", float32Tensor([2], Float32Array.of(2, 3))],
    ]);
    await writeSafetensors(file("aligned"), map);
    const opened = await openSafetensors(file("aligned"));
    await opened.close();
    expect(opened.entries.map((entry) => [entry.name, ...entry.offsets])).toEqual([
      ["wide", 0, 8],
      ["a", 8, 16],
      ["z", 16, 20],
      ["byte", 20, 23],
    ]);
    expect((await readFile(file("aligned"))).readBigUInt64LE(0) % 8n).toBe(0n);
  });

  it("reads a view of a larger buffer as its own elements", async () => {
    const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
    await writeSafetensors(file("view"), new Map([["x", float32Tensor([2], data)]]));
    expect((await readSafetensors(file("view"))).get("x")?.data).toEqual(Float32Array.of(1, 2));
  });

  it("names a tensor that is not there", async () => {
    const opened = await openSafetensors(await written("{}"));
    await expect(opened.read("head.weight")).rejects.toThrow('a tensor "head.weight", got none');
    await opened.close();
  });

  it("leaves no file behind when a tensor cannot be written", async () => {
    const broken = float32Tensor([3], new Float32Array(2));
    await expect(writeSafetensors(file("never"), new Map([["x", broken]]))).rejects.toThrow(
      "never: x: expected 3 elements of float32 for [3], got 2 in a Float32Array",
    );
    expect((await readdir(folder)).filter((entry) => entry.startsWith("never"))).toEqual([]);
  });
});

describe("a damaged or hostile safetensors file", () => {
  it("is refused before anything is allocated from its numbers", async () => {
    expect(await refusal(await written("{}", 0, 2n ** 63n))).toMatch("at most 100 MB");
    expect(await refusal(await written("{}", 0, 100_000_001n))).toMatch("at most 100 MB");
    expect(await refusal(await written("{}", 0, 99_000_000n))).toMatch("got 2 bytes");
    const vast = await written(`{"x":${f32([1, 2 ** 52], 0, 2 ** 53 - 1)}}`, 8);
    expect(await refusal(vast)).toMatch("to take fewer than 2^53 bytes");
    expect(await refusal(await written(`{"x":${f32([2 ** 31], 0, 2 ** 33)}}`, 8))).toMatch(
      "8589934592 bytes of tensor data, as the header says, got 8 bytes",
    );
    expect(await refusal(await written(`{"x":${f32([2 ** 52, 0], 0, 0)}}`))).toMatch("2^53");
  });

  it("is told by what is missing", async () => {
    await writeFile(file("short"), "12345678");
    expect(await refusal(file("short"))).toMatchInlineSnapshot(
      `"expected at least 10 bytes, got 8 bytes. The file is cut short, damaged or not a safetensors file"`,
    );
    expect(await refusal(file("absent"))).toMatchInlineSnapshot(
      `"expected a safetensors file, got no such file"`,
    );
    expect(await refusal(folder)).toMatchInlineSnapshot(
      `"expected a safetensors file, got a folder"`,
    );
  });

  it("is told when it was cut short", async () => {
    const whole = new Map([["x", float32Tensor([4], new Float32Array(4))]]);
    await writeSafetensors(file("cut"), whole);
    await writeFile(file("cut"), (await readFile(file("cut"))).subarray(0, -6));
    expect(await refusal(file("cut"))).toMatchInlineSnapshot(
      `"expected 16 bytes of tensor data, as the header says, got 10 bytes. The file is damaged or was not written as safetensors"`,
    );
  });

  it.each([
    ["starts with a space", " {}", "does not start with {"],
    ["starts with a byte order mark", "\ufeff{}", "does not start with {"],
    ["is a list", "[]", "does not start with {"],
    ["is no JSON", '{"x":}', "broken JSON"],
    ["goes on after the object", "{} {}", "broken JSON"],
    ["is not UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), "broken JSON"],
    ["names a tensor twice", `{"x":${f32([1], 0, 4)},"\\u0078":${f32([1], 0, 4)}}`, '"x" twice'],
    ["gives a field twice", '{"x":{"dtype":"F32","dtype":"F32"}}', '"dtype" twice'],
    ["has text metadata", '{"__metadata__":"a"}', "got a string"],
    ["has a number in its metadata", '{"__metadata__":{"a":1}}', 'got a number at "a"'],
    ["reaches for a prototype", `{"a.__proto__.b":${f32([1], 0, 4)}}`, 'the part "__proto__"'],
    ["has a __proto__ in metadata", '{"__metadata__":{"__proto__":"x"}}', 'the key "__proto__"'],
    ["has half a character in a name", `{"\\ud800":${f32([1], 0, 4)}}`, "half a character"],
    ["has an empty name", `{"":${f32([1], 0, 4)}}`, 'the name ""'],
    ["has a text as tensor", '{"x":"y"}', "got a string"],
    ["has a foreign dtype", '{"x":{"dtype":"F8_E4M3","shape":[],"data_offsets":[0,4]}}', "F8_E4M3"],
    ["has a prototype's dtype", '{"x":{"dtype":"toString","shape":[]}}', "toString"],
    ["has a fraction in a shape", `{"x":${f32([0.5], 0, 2)}}`, "[0.5]"],
    ["has a negative size", `{"x":${f32([-1, -1], 0, 4)}}`, "[-1,-1]"],
    ["has three offsets", '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', "[0,4,8]"],
    ["has offsets backwards", `{"x":${f32([1], 4, 0)}}`, "got -4 bytes"],
    ["has another field", '{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4],"y":1}}', '"y"'],
    ["starts with a gap", `{"x":${f32([1], 4, 8)}}`, 'a gap before "x"'],
    ["overlaps", `{"x":${f32([2], 0, 8)},"y":${f32([1], 4, 8)}}`, 'an overlap before "y"'],
    ["leaves bytes over", `{"x":${f32([1], 0, 4)}}`, "4 bytes of tensor data"],
  ])("is refused when the header %s", async (_, header, part) => {
    expect(await refusal(await written(header, 8))).toContain(part);
  });

  it("loads whole or fails with one clear line, whatever is changed in it", async () => {
    const { integer, uniform } = random(1, "mutations");
    const original = new Map<string, TensorData>([
      ["blocks.0.weight", float32Tensor([4, 3], random(2).normals(12))],
      ["ids", { dtype: "int64", shape: [5], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n) }],
      ["empty", { dtype: "bool", shape: [0, 7], data: new Uint8Array(0) }],
    ]);
    await writeSafetensors(file("origin"), original, { format: "test" });
    const bytes = await readFile(file("origin"));
    let refused = 0;
    for (let round = 0; round < 500; round++) {
      let mutant = Buffer.from(bytes);
      for (let change = integer(3); change >= 0; change--) {
        const at = integer(uniform() < 0.2 ? 8 : mutant.length);
        const digit = 0x30 + integer(10);
        const kind = integer(5);
        if (kind === 0) mutant[at] = integer(256);
        else if (kind === 1) mutant[at] = digit;
        else if (kind === 2) mutant = mutant.subarray(0, Math.max(1, at));
        else if (kind === 3) mutant = Buffer.concat([mutant, mutant.subarray(at)]);
        else mutant = Buffer.concat([mutant.subarray(0, at), mutant.subarray(at + 1)]);
      }
      await writeFile(file("mutant"), mutant);
      try {
        for (const { shape, data } of (await readSafetensors(file("mutant"))).values()) {
          expect(data.length).toBe(elementCount(shape));
          expect(data.byteLength).toBeLessThanOrEqual(mutant.length);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
        expect((error as Error).message).toMatch(/^\S*mutant: expected .*$/u);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(250);
    expect(refused).toBeLessThan(500);
  });
});
