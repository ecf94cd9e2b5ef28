import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writePicture } from "../images/write.ts";
import { kana } from "../procedural/kana.ts";
import { poster } from "../procedural/posters.ts";
import { scriptPage } from "../procedural/script-pages.ts";
import { bicubic, identity } from "./anchors.ts";
import { runBench } from "./run.ts";
import type { Split } from "./splits.ts";
import { openTesseract, type TextReader } from "./tesseract-reader.ts";
import { userSplits } from "./user-split.ts";

const folder = mkdtempSync(join(tmpdir(), "ordo-readers-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads "word" from what has detail, and counts how often it is asked. */
function countingReader(): TextReader & { reads: number } {
  const reader = {
    name: "counting",
    reads: 0,
    read: async ({ data }: { data: Uint8Array }) => {
      reader.reads++;
      return new Set(data).size > 40 ? "word" : "wo";
    },
    close: async () => {},
  };
  return reader;
}

describe("Tesseract", () => {
  it("reads a clean poster from its packages alone", async () => {
    const tesseract = await openTesseract();
    expect(tesseract!.name).toMatch(/^tesseract\.js \d+\./);
    const { picture, text } = poster(1, 0, 320);
    expect((await tesseract!.read(picture)).trim()).toBe(text);
    await tesseract!.close();
  });
});

describe("pictures of users", () => {
  it("are read by the engine alone, against its reading of the original", async () => {
    const file = join(folder, "a.png");
    await writePicture(poster(1, 0, 96).picture, file);
    const tesseract = countingReader();
    const { scores } = await runBench({
      codecs: [identity, bicubic(2)],
      splits: userSplits([file], ["text"]),
      tesseract,
      perceptual: null,
      official: false,
    });
    expect(scores[0]!.tesseract).toMatchObject({ cer: null, cerAgainstReading: 0, unread: 0 });
    expect(scores[0]!.glyphs).toBeUndefined();
    // the original once, for both codecs and for the identity itself
    expect(tesseract.reads).toBe(2);
  });
});

describe("a picture that cannot be read", () => {
  it("is a failure of every codec, and the others are measured", async () => {
    const [damaged, whole] = [join(folder, "damaged.png"), join(folder, "whole.png")];
    writeFileSync(damaged, "no picture");
    await writePicture(poster(1, 0, 96).picture, whole);
    const { scores, sheets } = await runBench({
      codecs: [identity, bicubic(2)],
      splits: userSplits([damaged, whole], ["reconstruction"]),
      tesseract: null,
      perceptual: null,
      official: false,
    });
    expect(scores.map(({ pictures, failed }) => [pictures, failed])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(scores[0]!.failures[0]).toContain("damaged.png");
    expect(sheets[0]!.rows).toHaveLength(1);
  });
});

describe("scripts that the engine does not know", () => {
  it("are left to the glyph reader", async () => {
    const page = scriptPage(kana, 1, 0, 96);
    const tesseract = countingReader();
    const split: Split = {
      name: "kana",
      task: "text",
      about: "one page",
      count: 1,
      latin: false,
      sample: () => ({ picture: page.picture, text: page }),
    };
    const { scores } = await runBench({
      codecs: [identity],
      splits: [split],
      tesseract,
      perceptual: null,
      official: false,
    });
    expect(scores[0]!.glyphs).toMatchObject({ cer: 0, wer: null });
    expect(scores[0]!.tesseract).toBeUndefined();
    expect(tesseract.reads).toBe(0);
  });
});
