import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tinyVocabulary } from "../../test/features/tiny-clip.ts";
import { CheckpointError } from "../errors.ts";
import { byteSymbols, clipTokens, clipWords, WORD_END } from "./clip-tokens.ts";

const tokens = clipTokens(tinyVocabulary, "vocab.json");
const { ids } = tinyVocabulary;
const symbols = new Map([...ids].map(([symbol, id]) => [id, symbol]));
const [start, end] = [ids.get("<|startoftext|>")!, ids.get("<|endoftext|>")!];

function symbolsOf(text: string, longest = 10_000): string[] {
  return [...tokens.encode(text, longest)].slice(1, -1).map((id) => symbols.get(id)!);
}

/** The words that symbols spell, a space between. */
function decoded(spelled: readonly string[]): string {
  const words = spelled.join("").split(WORD_END).slice(0, -1);
  const bytesOf = (word: string) => [...word].map((symbol) => byteSymbols.indexOf(symbol));
  return words.map((word) => new TextDecoder().decode(Uint8Array.from(bytesOf(word)))).join(" ");
}

describe("CLIP's byte pairs", () => {
  it("are merged in the order of training, wherever they occur in a word", () => {
    expect(symbolsOf("Lower")).toEqual(["low", "er</w>"]);
    expect(symbolsOf("lowlow")).toEqual(["low", "lo", "w</w>"]);
    expect(symbolsOf("CAT caterer")).toEqual(["cat</w>", "ca", "t", "e", "r", "er</w>"]);
    expect(symbolsOf("é")).toEqual(["Ã", "©</w>"]);
  });

  it("cut texts into words, digits, runs of other signs, and endings behind an apostrophe", () => {
    expect(clipWords("A  Cat's\n12 owls, they'll say: 'So?!'")).toEqual(
      "a cat 's 1 2 owls , they 'll say : ' so ?!'".replace(": ' so", ": 's o").split(" "),
    );
    expect(clipWords("cafe\u0301 ÉTÉ 漢字")).toEqual(["café", "été", "漢字"]);
    expect(clipWords(" \n ")).toEqual([]);
  });

  it("stand between the marks of start and end, and long texts lose their last ones", () => {
    expect([...tokens.encode("", 77)]).toEqual([start, end]);
    const long = tokens.encode("cat ".repeat(100), 77);
    expect(long.length).toBe(77);
    expect([long[0], long[75], long[76]]).toEqual([start, ids.get("cat</w>"), end]);
    expect([...tokens.encode("lower cat", 4)].slice(1, 3)).toEqual([
      ids.get("low"),
      ids.get("er</w>"),
    ]);
  });

  it("spell every text's words, and the end mark is the only largest id", () => {
    const words = fc.array(fc.constantFrom("low", "er", "cat", "LOWER", "'s", "9", "-", " "));
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      words.map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (given) => {
        expect(decoded(symbolsOf(given))).toBe(clipWords(given).join(" "));
        const encoded = tokens.encode(given, 77);
        expect(encoded.indexOf(Math.max(...encoded))).toBe(encoded.length - 1);
      }),
      { seed: 1 },
    );
  });

  it("are refused if a byte or a merge has no id", () => {
    const fewer = new Map(ids);
    for (const symbol of ["low", "a", "<|endoftext|>"]) fewer.delete(symbol);
    const making = () => clipTokens({ ...tinyVocabulary, ids: fewer }, "vocab.json");
    expect(making).toThrow(CheckpointError);
    expect(making).toThrow(/^vocab.json: expected an id .*, got none for 3: a low <\|endoftext\|>/);
  });
});
