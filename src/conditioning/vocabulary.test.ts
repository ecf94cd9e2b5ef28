import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { random } from "../random/random.ts";
import {
  buildVocabulary,
  NO_TEXT_ID,
  PADDING_ID,
  vocabularyFrom,
  vocabularySchema,
} from "./vocabulary.ts";
import { wordsOf } from "./words-of.ts";

const texts = [
  "red apple",
  "green apple",
  "cat face",
  "grinning cat",
  "woman’s hat",
  "star",
  "shooting stars",
  "glasses",
  "strawberry",
  "pine decoration",
  "fire engine",
  "light skin tone",
  "A button",
  "rocket",
];
const vocabulary = buildVocabulary(texts, { size: 200 });
const encode = (text: string | null) => vocabulary.encode(text);
const idsOf = (...words: string[]) =>
  words.map((word) => 2 + vocabulary.words.indexOf(word)).sort((a, b) => a - b);

describe("words of a text", () => {
  it.each([
    ["Red Apple!", ["red", "apple"]],
    ["The Cat’s CAFÉ, a man's", ["cat", "cafe", "man"]],
    ["medium-dark skin", ["medium", "dark", "skin"]],
    ["don't", ["dont"]],
    ["A", ["a"]],
    ["ＦＵＬＬ ｗｉｄｔｈ ﬁsh 1st", ["full", "width", "fish", "1st"]],
    ["リンゴ かわいい 사과 हिन्दी", ["リンゴ", "かわいい", "사과", "हिन्दी"]],
    [" … !? ", []],
  ])("%j are %j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it("are found again in themselves", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const words = wordsOf(text);
        expect(wordsOf(words.join(" "))).toEqual(words);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("a vocabulary", () => {
  it("takes texts that mean the same for the same", () => {
    const ids = idsOf("apple", "red");
    for (const text of [
      "red apple",
      "Red Apple!",
      "apple red",
      "a RED, red apple's",
      "red apples",
    ]) {
      expect(encode(text)).toEqual({ ids, unknown: [] });
    }
  });

  it("does not see order, case, repeats and punctuation, whatever the words", () => {
    const word = fc.oneof(fc.constantFrom(...vocabulary.words), fc.stringMatching(/^[b-z]{1,9}$/));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.nat(), (words, seed) => {
        const order = random(seed).permutation(words.length);
        const other = [...order].map((i) => words[i]!.toUpperCase());
        const text = `  ${[...other, other[0]].join("!, ")}? `;
        const [a, b] = [encode(words.join(" ")), encode(text)];
        expect(b.ids).toEqual(a.ids);
        expect(b.unknown.sort()).toEqual(a.unknown.sort());
      }),
      { seed: 1 },
    );
  });

  it("gives ascending ids inside the table for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { ids } = encode(text);
        expect(ids.length).toBeGreaterThan(0);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        expect(ids[0]).toBeGreaterThanOrEqual(NO_TEXT_ID);
        expect(ids.at(-1)).toBeLessThan(vocabulary.size);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("knows one number of a word by the other, unless it learned both", () => {
    expect(encode("strawberries").ids).toEqual(idsOf("strawberry"));
    expect(encode("rockets").ids).toEqual(idsOf("rocket"));
    expect(encode("glass").ids).toEqual(idsOf("glasses"));
    expect(encode("star").ids).not.toEqual(encode("stars").ids);
  });

  it("cuts unknown compounds into words and other unknown words into pieces, and tells", () => {
    expect(encode("pineapple")).toEqual({ ids: idsOf("pine", "apple"), unknown: ["pineapple"] });
    const { ids, unknown } = encode("red grapple rat");
    expect(unknown).toEqual(["grapple", "rat"]);
    expect(ids).toContain(idsOf("red")[0]);
    const firstPiece = 2 + vocabulary.words.length;
    expect(ids.filter((id) => id >= firstPiece).length).toBeGreaterThan(1);
    const pieces = ids
      .filter((id) => id >= firstPiece)
      .map((id) => vocabulary.pieces[id - firstPiece]!);
    for (const piece of pieces) expect("grapple rat").toContain(piece);
  });

  it("has a null branch, also for texts of which it knows no character", () => {
    expect(encode(null)).toEqual({ ids: [NO_TEXT_ID], unknown: [] });
    expect(encode(" ?! ")).toEqual({ ids: [NO_TEXT_ID], unknown: [] });
    expect(encode("リンゴ")).toEqual({ ids: [NO_TEXT_ID], unknown: ["リンゴ"] });
  });

  it("spells known words in pieces where training asks for it", () => {
    const { ids, unknown } = vocabulary.encode("red apple", { split: (word) => word === "apple" });
    expect(unknown).toEqual([]);
    expect(ids[0]).toBe(idsOf("red")[0]);
    expect(Math.min(...ids.slice(1))).toBeGreaterThanOrEqual(2 + vocabulary.words.length);
  });

  it("does not depend on the order of its texts, and is the same after JSON", () => {
    const again = buildVocabulary([...texts].reverse(), { size: 200 });
    expect(again.toJSON()).toEqual(vocabulary.toJSON());
    const json: unknown = JSON.parse(JSON.stringify(vocabulary));
    const read = vocabularyFrom(vocabularySchema.parse(json));
    expect(read.size).toBe(vocabulary.size);
    for (const text of [...texts, "pineapple", "zebra", ""]) {
      expect(read.encode(text)).toEqual(encode(text));
    }
  });

  it("keeps to its size: frequent words first, ties in alphabetical order", () => {
    const small = buildVocabulary(["b a2 a2", "c b a2", "d"], { size: 8, pieces: 3 });
    expect(small.words).toEqual(["a2", "b", "c"]);
    expect([small.pieces.length, small.size]).toEqual([3, 8]);
    expect(() => buildVocabulary(texts, { size: 4, pieces: 2 })).toThrow(ConfigError);
  });

  it.each([
    { version: 2, words: [], pieces: [] },
    { version: 1, words: ["a", "a"], pieces: [] },
    { version: 1, words: [""], pieces: [] },
    { version: 1, words: ["a"] },
  ])("refuses %j", (json) => {
    expect(vocabularySchema.safeParse(json).success).toBe(false);
  });
});

describe("a batch of texts", () => {
  it("pads with id 0 and gives each text the mean of its words", () => {
    const { ids, weights, unknown } = vocabulary.encodeBatch(["cat face", null, "rocket zzz"], 4);
    expect([...ids.slice(0, 4)]).toEqual([...idsOf("cat", "face"), PADDING_ID, PADDING_ID]);
    expect([...weights.slice(0, 8)]).toEqual([0.5, 0.5, 0, 0, 1, 0, 0, 0]);
    expect([...ids.slice(4, 8)]).toEqual([NO_TEXT_ID, 0, 0, 0]);
    expect(unknown).toEqual(["zzz"]);
  });

  it("weighs every row to 1, and padding to 0", () => {
    const text = fc.option(fc.array(fc.constantFrom(...vocabulary.words)).map((w) => w.join(" ")));
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (rows, width) => {
          const { ids, weights } = vocabulary.encodeBatch(rows, width);
          expect([ids.length, weights.length]).toEqual([rows.length * width, rows.length * width]);
          for (const [row, text] of rows.entries()) {
            const slice = weights.slice(row * width, (row + 1) * width);
            expect(slice.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
            const used = ids
              .slice(row * width, (row + 1) * width)
              .filter((id) => id !== PADDING_ID);
            expect(used.length).toBe(slice.filter((weight) => weight > 0).length);
            const all = vocabulary.encode(text).ids;
            expect(used.length).toBe(Math.min(width, all.length));
            expect([...used].every((id) => all.includes(id))).toBe(true);
          }
        },
      ),
      { seed: 1 },
    );
  });

  it("keeps the rarest words of a text that is too long", () => {
    const { ids } = vocabulary.encodeBatch(["red apple rocket"], 2);
    expect([...ids]).toEqual(idsOf("red", "rocket"));
  });
});
