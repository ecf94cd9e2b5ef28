import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../errors.ts";
import {
  bitStatistics,
  CodeCounts,
  chosenShare,
  entropyBits,
  perplexity,
  plainUsage,
  WindowUsage,
} from "./codebook-statistics.ts";

const counted = (codes: number, ids: readonly number[]): CodeCounts => {
  const counts = new CodeCounts(codes);
  counts.add(ids);
  return counts;
};

describe("CodeCounts", () => {
  it("gives 1, V and log₂ V for an even code, and one code for a collapsed one", () => {
    expect(counted(8, [0, 1, 2, 3, 4, 5, 6, 7]).statistics()).toEqual({
      tokens: 8,
      codes: 8,
      usage: 1,
      entropy: 3,
      perplexity: 8,
      normalisedEntropy: 1,
    });
    expect(counted(8, [5, 5, 5]).statistics()).toMatchObject({
      usage: 1 / 8,
      entropy: 0,
      perplexity: 1,
      normalisedEntropy: 0,
    });
    expect(counted(4, []).statistics()).toMatchObject({ tokens: 0, usage: 0, perplexity: 0 });
  });

  it("keeps usage, entropy and perplexity inside their bounds", () => {
    const ids = fc.array(fc.nat(15), { minLength: 1, maxLength: 60 });
    const property = fc.property(ids, (tokens) => {
      const { usage, entropy, perplexity: even } = counted(16, tokens).statistics();
      expect(usage).toBeLessThanOrEqual(Math.min(1, tokens.length / 16));
      expect(entropy).toBeGreaterThanOrEqual(0);
      expect(entropy).toBeLessThanOrEqual(4 + 1e-12);
      expect(even).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(even).toBeLessThanOrEqual(usage * 16 + 1e-9);
    });
    fc.assert(property, { seed: 9 });
  });

  it("counts in pieces as at once", () => {
    const counts = counted(4, [0, 1]);
    counts.add(Int32Array.of(3));
    counts.merge(counted(4, [1, 1]));
    expect([...counts.hits]).toEqual([1, 3, 0, 1]);
  });

  it("refuses ids outside the codebook and other codebooks", () => {
    expect(() => counted(4, [0, 4])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: CodeCounts.add: expected ids from 0 to 3, got 4 at 1]`,
    );
    expect(() => counted(4, [-1])).toThrow(ShapeError);
    expect(() => counted(4, [0.5])).toThrow(ShapeError);
    expect(() => counted(4, []).merge(new CodeCounts(5))).toThrow(ShapeError);
  });
});

describe("figures of hits", () => {
  it("plain usage is the share of codes that occur", () => {
    expect(plainUsage([3, 0, 1, 0])).toBe(0.5);
    expect(plainUsage([])).toBe(0);
  });

  it("perplexity counts evenly used codes", () => {
    expect(perplexity([5, 5, 5, 5])).toBeCloseTo(4, 12);
    expect(perplexity([7, 0, 0])).toBeCloseTo(1, 12);
    expect(perplexity([0, 0])).toBe(0);
  });

  it("VAR's generator counts codes above a thousandth of an even share", () => {
    // 4 codes: the border is 0.00025 of 10000 tokens
    expect(chosenShare([9000, 994, 3, 2])).toBe(0.75);
  });

  it("LlamaGen's window counts code 0 until it has filled", () => {
    const window = new WindowUsage(4, 3);
    expect(window.usage()).toBe(0.25);
    window.add([1, 2]);
    expect(window.usage()).toBe(0.75);
    window.add([1]);
    expect(window.usage()).toBe(0.5);
    window.add([3, 3, 3]);
    expect(window.usage()).toBe(0.25);
    expect(() => window.add([4])).toThrow(ShapeError);
  });
});

describe("bitStatistics", () => {
  it("gives the share of ones and the entropy of each bit", () => {
    // codes 0b00, 0b01, 0b10, 0b11
    const { means, entropies } = bitStatistics([2, 0, 1, 1]);
    expect(means).toEqual([0.25, 0.5]);
    expect(entropies[0]).toBeCloseTo(0.811278, 6);
    expect(entropies[1]).toBe(1);
    expect(() => bitStatistics([1, 2, 3])).toThrow(ShapeError);
  });

  it("has bits whose entropies together reach that of the codes", () => {
    const hits = fc.array(fc.nat(20), { minLength: 16, maxLength: 16 });
    const property = fc.property(hits, (counts) => {
      const sum = bitStatistics(counts).entropies.reduce((total, value) => total + value, 0);
      expect(sum).toBeGreaterThanOrEqual(entropyBits(counts) - 1e-9);
    });
    fc.assert(property, { seed: 10 });
  });
});
