import { describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../errors.ts";
import { clipScoreRule, pairedSimilarities } from "./embedding-similarity.ts";
import { featuresOf } from "./features.ts";

const rows = (...values: number[]) => featuresOf(Float32Array.from(values), 2);

describe("pairedSimilarities", () => {
  const images = rows(1, 0, 3, 0, 0, 2);
  const texts = rows(5, 0, 1, 1, 0, -1);

  it("is the cosine of each pair, whatever the lengths", () => {
    const [same, slanted, opposite] = pairedSimilarities(images, texts, {
      factor: 1,
      clamp: false,
    });
    expect(same).toBe(1);
    expect(slanted).toBeCloseTo(Math.SQRT1_2, 12);
    expect(opposite).toBe(-1);
  });

  it("is 2.5 times the cosine, from 0 up, as CLIPScore", () => {
    const [same, slanted, opposite] = pairedSimilarities(images, texts, clipScoreRule);
    expect(same).toBe(2.5);
    expect(slanted).toBeCloseTo(2.5 * Math.SQRT1_2, 12);
    expect(opposite).toBe(0);
  });

  it("refuses rows without a partner or without a direction", () => {
    expect(() => pairedSimilarities(images, rows(1, 0), clipScoreRule)).toThrow(ShapeError);
    expect(() => pairedSimilarities(rows(0, 0), rows(1, 0), clipScoreRule)).toThrow(DataError);
  });
});
