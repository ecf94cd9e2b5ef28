import { deflateSync, crc32 as referenceCrc } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { noisePicture } from "../../test/data/fixtures.ts";
import { DataError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { readChunks, textChunk, textsOf, writeChunks } from "./png-chunks.ts";
import { encodePicture } from "./write.ts";

let png: Buffer;
beforeAll(async () => {
  png = await encodePicture(noisePicture(5, 8), "png");
});

describe("crc32", () => {
  it("gives the standard check value", () => {
    expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
    if (typeof referenceCrc === "function") expect(crc32(png)).toBe(referenceCrc(png));
  });
});

describe("readChunks and writeChunks", () => {
  it("give back the same file", () => {
    expect(writeChunks(readChunks(png)).equals(png)).toBe(true);
  });

  it("name the byte where a file is cut off, wherever that is", () => {
    for (let length = 8; length < png.length; length++) {
      expect(() => readChunks(png.subarray(0, length))).toThrow(DataError);
    }
    expect(() => readChunks(png.subarray(0, 20), "a.png")).toThrow(
      "a.png: expected a whole PNG, got its IHDR chunk of 13 bytes cut off at byte 8",
    );
  });

  it("notice every changed byte", () => {
    fc.assert(
      fc.property(fc.nat(png.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(png);
        damaged[at]! ^= change;
        expect(() => readChunks(damaged)).toThrow(DataError);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("do not trust a length of four gigabytes", () => {
    const damaged = Buffer.from(png);
    damaged.writeUInt32BE(0xffffffff, 8);
    expect(() => readChunks(damaged)).toThrow(/IHDR chunk of 4294967295 bytes cut off/);
  });
});

describe("text chunks", () => {
  it("give back any text, Latin-1 as tEXt and all else as iTXt", () => {
    expect(textChunk("a", "Äpfel\nund Birnen").type).toBe("tEXt");
    expect(textChunk("a", "苹果").type).toBe("iTXt");
    const texts = fc.oneof(fc.string(), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(texts, (text) => {
        const whole = text.replaceAll("\0", "\ufffd");
        expect(textsOf([textChunk("key word", text)]).get("key word")).toBe(whole);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("inflate compressed texts, but no bombs", () => {
    const compressed = (bytes: Uint8Array) => ({
      type: "zTXt",
      data: Buffer.concat([Buffer.from("k\0\0"), deflateSync(bytes)]),
    });
    expect(textsOf([compressed(Buffer.from("words"))]).get("k")).toBe("words");
    expect(textsOf([compressed(Buffer.alloc(32 << 20))]).size).toBe(0);
    const international = Buffer.concat([
      Buffer.from("k\0\x01\0de\0Schlüssel\0"),
      deflateSync(Buffer.from("Wörter")),
    ]);
    expect(textsOf([{ type: "iTXt", data: international }]).get("k")).toBe("Wörter");
  });

  it("pass over malformed ones", () => {
    const chunks = ["", "no end", "\0empty", "k\0", "k\0\0", "k\0\0\0x"].map((text) => ({
      type: "iTXt",
      data: Buffer.from(text),
    }));
    expect(textsOf(chunks).size).toBe(0);
  });
});
