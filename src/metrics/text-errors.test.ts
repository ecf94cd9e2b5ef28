import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../errors.ts";
import {
  characterErrors,
  editDistance,
  errorRate,
  vtbenchWordErrors,
  wordErrors,
} from "./text-errors.ts";

describe("error rates", () => {
  it("match the sheet: hello world, hello duck", () => {
    const pair = [{ reference: "hello world", found: "hello duck" }];
    expect(errorRate(characterErrors(pair))).toBe(5 / 11);
    expect(errorRate(wordErrors(pair))).toBe(1 / 2);
    expect(errorRate(vtbenchWordErrors(pair))).toBe(2.5);
  });

  it("are those of the corpus, not means of ratios", () => {
    const pairs = [
      { reference: "ab", found: "xy" },
      { reference: "abcdefgh", found: "abcdefgh" },
    ];
    expect(characterErrors(pairs)).toEqual({ edits: 2, length: 10 });
  });

  it("strip texts, collapse white space between words, and keep spaces as characters", () => {
    const pair = [{ reference: " a  b\n", found: "a\tb" }];
    expect(wordErrors(pair).edits).toBe(0);
    expect(vtbenchWordErrors(pair).edits).toBe(0);
    expect(characterErrors(pair)).toEqual({ edits: 2, length: 4 });
  });

  it("may exceed 1, count insertions of empty references, and need some reference", () => {
    const inserted = [
      { reference: "", found: "abc" },
      { reference: "a", found: "a" },
    ];
    expect(errorRate(characterErrors(inserted))).toBe(3);
    expect(() => errorRate(wordErrors([{ reference: " ", found: "x" }]))).toThrow(DataError);
  });

  it("count code points, and see composed letters as equal only when asked to", () => {
    expect(characterErrors([{ reference: "🚀🚀", found: "🚀" }])).toEqual({ edits: 1, length: 2 });
    const accents = [{ reference: "caf\u00e9", found: "cafe\u0301" }];
    expect(characterErrors(accents).edits).toBe(2);
    expect(characterErrors(accents, { form: "NFC" })).toEqual({ edits: 0, length: 4 });
    expect(wordErrors([{ reference: "ﬁn", found: "fin" }], { form: "NFKC" }).edits).toBe(0);
  });
});

describe("editDistance", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 7 });

  it("equals its recursive definition", () => {
    const property = fc.property(text, text, (a, b) => {
      expect(editDistance(a, b)).toBe(recursive(a, b));
    });
    fc.assert(property, { seed: 1, numRuns: 60 });
  });

  it("is a metric", () => {
    const property = fc.property(text, text, text, (a, b, c) => {
      expect(editDistance(a, a)).toBe(0);
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    });
    fc.assert(property, { seed: 2 });
  });
});

function recursive(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return recursive(restA, restB);
  return 1 + Math.min(recursive(restA, restB), recursive(restA, b), recursive(a, restB));
}
