import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../errors.ts";
import { crc32 } from "../images/crc32.ts";
import { random } from "../random/random.ts";
import { featuresOf } from "./features.ts";
import { statisticsOf } from "./moments.ts";
import type { NpyDtype, NpyValues } from "./npy-header.ts";
import { openNpz } from "./npz-read.ts";
import { writeNpz } from "./npz-write.ts";
import { readStatistics, writeStatistics } from "./statistics-file.ts";

const folder = mkdtempSync(join(tmpdir(), "ordo-npz-"));
const path = join(folder, "x.npz");
afterAll(() => rmSync(folder, { recursive: true }));

const arrays: Readonly<Record<NpyDtype, NpyValues>> = {
  uint8: Uint8Array.of(0, 1, 2, 253, 254, 255),
  bool: Uint8Array.of(0, 1, 1, 0, 0, 1),
  int32: Int32Array.of(-1, 2, -(2 ** 31), 2 ** 31 - 1, 0, 7),
  int64: BigInt64Array.of(-1n, 2n ** 62n, 0n, 1n, 2n, 3n),
  float32: Float32Array.of(0, -0.5, 1e30, Number.NaN, Infinity, 1),
  float64: Float64Array.of(Math.PI, -1e300, 0, 1, 2, 3),
};

describe("writing and reading", () => {
  it("gives back every type in every shape", async () => {
    for (const shape of [[6], [2, 3], [1, 3, 2, 1]]) {
      const content = Object.entries(arrays).map(([dtype, values]) => [
        dtype,
        { dtype: dtype as NpyDtype, shape, values },
      ]);
      await writeNpz(path, Object.fromEntries(content));
      const file = await openNpz(path);
      expect(file.names).toEqual(Object.keys(arrays));
      for (const [dtype, values] of Object.entries(arrays)) {
        const found = await file.read(dtype);
        expect(found.header).toEqual({ dtype, shape, fortranOrder: false });
        expect(found.values).toEqual(values);
      }
      file.close();
    }
  });

  it("takes single numbers and empty arrays", async () => {
    await writeNpz(path, {
      one: { dtype: "float64", shape: [], values: Float64Array.of(4) },
      none: { dtype: "uint8", shape: [0, 5], values: new Uint8Array(0) },
    });
    const file = await openNpz(path);
    expect([...(await file.read("one")).values]).toEqual([4]);
    expect((await file.read("none")).header.shape).toEqual([0, 5]);
    const rows = [];
    for await (const piece of file.rows("none", 2)) rows.push(piece);
    expect(rows).toEqual([]);
    file.close();
  });

  it("streams rows both ways", async () => {
    const pieces = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6), Uint8Array.of(7, 8, 9, 10)];
    await writeNpz(path, { arr_0: { dtype: "uint8", shape: [5, 2], values: pieces } });
    const file = await openNpz(path);
    const found: [number, number[]][] = [];
    for await (const { count, values } of file.rows("arr_0", 2)) {
      found.push([count, Array.from(values, Number)]);
    }
    expect(found).toEqual([
      [2, [1, 2, 3, 4]],
      [2, [5, 6, 7, 8]],
      [1, [9, 10]],
    ]);
    // a reader may stop early
    for await (const { values } of file.rows("arr_0", 1)) {
      expect([...values]).toEqual([1, 2]);
      break;
    }
    file.close();
  });

  it("writes equal bytes for equal arrays, and nothing for values that do not fill a shape", async () => {
    const content = { a: { dtype: "float32", shape: [2], values: Float32Array.of(1, 2) } } as const;
    await writeNpz(path, content);
    const once = readFileSync(path);
    await writeNpz(path, content);
    expect(readFileSync(path).equals(once)).toBe(true);
    for (const shape of [[1], [3]]) {
      await expect(writeNpz(path, { a: { ...content.a, shape } })).rejects.toThrow(ShapeError);
    }
    expect(readFileSync(path).equals(once)).toBe(true);
  });

  it("reads compressed entries, Fortran order, and versions 2 and 3 as NumPy writes them", async () => {
    const header = "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }";
    // columns first: [[1, 3, 5], [2, 4, 6]]
    const bytes = npy(header, Int32Array.of(1, 2, 3, 4, 5, 6), 2);
    writeFileSync(path, zipOf([["f.npy", bytes, true]]));
    const file = await openNpz(path);
    expect([...(await file.read("f")).values]).toEqual([1, 3, 5, 2, 4, 6]);
    await expect(file.rows("f", 1).next()).rejects.toThrow("Fortran order");
    file.close();
    const third = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1L,), }", [9], 3);
    writeFileSync(path, zipOf([["t.npy", third, false]]));
    const other = await openNpz(path);
    expect([...(await other.read("t")).values]).toEqual([9]);
    other.close();
  });
});

describe("hostile files", () => {
  const good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
  const two = Float64Array.of(1, 2);
  const refusal = async (bytes: Uint8Array): Promise<string> => {
    writeFileSync(path, bytes);
    const file = await openNpz(path);
    try {
      return await file.read("a").then(
        ({ values }) => (values[0] === 1 && values[1] === 2 ? "read" : "bug: other values"),
        (error: unknown) => (error instanceof DataError ? error.message : `bug: ${error}`),
      );
    } finally {
      file.close();
    }
  };
  const header = (text: string) => refusal(zipOf([["a.npy", npy(text, two, 1), false]]));

  it("are refused by what their header says", async () => {
    expect(await header(good)).toBe("read");
    expect(await header(good.replace("<f8", "|O"))).toContain("Python objects");
    expect(await header(good.replace("<f8", ">f8"))).toContain("got >f8");
    expect(await header(good.replace("(2,)", "(3,)"))).toContain("24 bytes of values");
    expect(await header(good.replace("(2,)", "(2, 999999999999999)"))).toContain("2^53");
    expect(await header(good.replace("(2,)", "(-2,)"))).toContain("a header with descr");
    expect(await header(good.replace("(2,)", "(2, , 1)"))).toContain("a shape of up to 32");
    expect(await header(good.replace("'shape': (2,), ", ""))).toContain("a header with descr");
    expect(await header(good.replace("'shape'", "'descr'"))).toContain("a header with descr");
    expect(await header(good.replace("(2,)", "__import__('os')"))).toContain("a header with");
    expect(await header(`${good} # more`)).toContain("a header with descr");
  });

  it("are refused by their size, magic and checksum", async () => {
    const bytes = npy(good, two, 1);
    expect(await refusal(zipOf([["a.npy", bytes.subarray(0, 20), false]]))).toContain("an end");
    expect(await refusal(zipOf([["a.npy", new Uint8Array(200), false]]))).toContain("array file");
    const long = npy(good, two, 2);
    long[11] = 0x7f;
    expect(await refusal(zipOf([["a.npy", long, false]]))).toContain("at most 65536 bytes");
    const zip = zipOf([["a.npy", bytes, false]]);
    zip[30 + "a.npy".length + bytes.length - 1]! ^= 1;
    expect(await refusal(zip)).toContain("another checksum");
  });

  it("fail with a plain error at any damaged byte, or read what was written", async () => {
    const zip = zipOf([["a.npy", npy(good, two, 1), true]]);
    const places = fc.tuple(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }));
    const property = fc.asyncProperty(places, async ([at, flip]) => {
      const damaged = zip.slice();
      damaged[at]! ^= flip;
      const outcome = await refusal(damaged).catch((error: unknown) =>
        error instanceof DataError ? error.message : `bug: ${error}`,
      );
      expect(outcome).not.toContain("bug");
    });
    await fc.assert(property, { seed: 6, numRuns: 150 });
    for (const length of [0, 10, 40, zip.length - 1]) {
      writeFileSync(path, zip.subarray(0, length));
      await expect(openNpz(path)).rejects.toThrow(DataError);
    }
  });

  it("name arrays that are missing or there twice", async () => {
    const bytes = npy(good, two, 1);
    writeFileSync(path, zipOf([["a.npy", bytes, false]]));
    const file = await openNpz(path);
    await expect(file.read("mu")).rejects.toThrow("an array called mu, got a");
    file.close();
    writeFileSync(
      path,
      zipOf([
        ["a.npy", bytes, false],
        ["a.npy", bytes, false],
      ]),
    );
    await expect(openNpz(path)).rejects.toThrow("two arrays are called a");
  });
});

describe("statistics files", () => {
  const pooled = statisticsOf(featuresOf(random(1).normals(60), 6));
  const spatial = statisticsOf(featuresOf(random(2).normals(40), 4));

  it("come back as they were, with the arrays of ADM and torch-fidelity", async () => {
    const stored = { pooled, spatial: { ...spatial, count: 10 }, network: "größe-D6" };
    await writeStatistics(path, stored);
    expect(await readStatistics(path)).toEqual(stored);
    const file = await openNpz(path);
    expect(file.names).toEqual(["mu", "sigma", "mu_s", "sigma_s", "count", "network"]);
    file.close();
  });

  it("are read in single precision and without a count", async () => {
    const { mean, covariance } = pooled;
    await writeNpz(path, {
      mu: { dtype: "float32", shape: [6], values: Float32Array.from(mean) },
      sigma: { dtype: "float32", shape: [6, 6], values: Float32Array.from(covariance) },
    });
    const found = await readStatistics(path);
    expect(found.spatial).toBeNull();
    expect(found.network).toBeNull();
    expect(found.pooled.count).toBeNull();
    expect(found.pooled.covariance[7]).toBe(Math.fround(covariance[7]!));
  });

  it("are refused when they are no statistics", async () => {
    const write = (shape: number[], change: (values: Float64Array) => void) => {
      const sigma = pooled.covariance.slice();
      change(sigma);
      return writeNpz(path, {
        mu: { dtype: "float64", shape: [6], values: pooled.mean },
        sigma: { dtype: "float64", shape, values: sigma },
      });
    };
    await write([6, 6], (sigma) => {
      sigma[1]! += 0.1;
    });
    await expect(readStatistics(path)).rejects.toThrow("a symmetric matrix");
    await write([6, 6], (sigma) => sigma.fill(Number.NaN));
    await expect(readStatistics(path)).rejects.toThrow("finite values");
    await write([36], () => {});
    await expect(readStatistics(path)).rejects.toThrow("in the shape (6, 6)");
    const { mean, covariance } = pooled;
    await writeNpz(path, {
      mu: { dtype: "float64", shape: [6], values: mean },
      sigma: { dtype: "float64", shape: [6, 6], values: covariance },
      network: { dtype: "int64", shape: [1], values: BigInt64Array.of(1n) },
    });
    await expect(readStatistics(path)).rejects.toThrow(
      "network: expected the name of a network in at most 1000 bytes, got int64 in the shape (1)",
    );
    await writeNpz(path, { arr_0: { dtype: "uint8", shape: [1], values: Uint8Array.of(1) } });
    await expect(readStatistics(path)).rejects.toThrow("an array called mu");
  });
});

function npy(header: string, values: NpyValues | number[], version: number): Uint8Array {
  const data = Array.isArray(values) ? Uint8Array.from(values) : new Uint8Array(values.buffer);
  const text = Buffer.from(`${header}\n`, "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([version, 0]),
    length,
    text,
    data,
  ]);
}

/** A zip made by hand, so that names and bytes can be anything. */
function zipOf(files: readonly (readonly [string, Uint8Array, boolean])[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes, compress] of files) {
    const data = compress ? deflateRawSync(bytes) : Buffer.from(bytes);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(compress ? 8 : 0, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const head = Buffer.concat([Buffer.from("PK\x03\x04"), shared, Buffer.from(name), data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), shared, place, Buffer.from(name)]),
    );
    local.push(head);
    offset += head.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
