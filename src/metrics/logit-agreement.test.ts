import { describe, expect, it } from "vitest";
import { ShapeError } from "../errors.ts";
import { LogitComparison } from "./logit-agreement.ts";

const rows = (logits: number[], drawn: number[]) => ({
  logits: Float32Array.from(logits),
  drawn: Int32Array.from(drawn),
});

describe("LogitComparison", () => {
  it("finds nothing between equal logits, nor between those that differ by one number", () => {
    const comparison = new LogitComparison();
    comparison.add(rows([1, 2, 3, 0, 0, 6], [2, 2]), rows([1, 2, 3, 4, 4, 10], [2, 2]));
    expect(comparison.result()).toEqual({
      tokens: 2,
      relativeRms: 0,
      largest: 0,
      changedArgmax: 0,
      changedDraws: 0,
    });
  });

  it("relates differences to the spread, and counts tokens that change", () => {
    const comparison = new LogitComparison();
    // means are 0: differences 1 and −1 against 3 and −3, then none
    comparison.add(rows([3, -3], [0]), rows([4, -4], [0]));
    comparison.add(rows([1, -1], [0]), rows([1, -1], [1]));
    comparison.add(rows([1, -1], [0]), rows([-1, 1], [1]));
    expect(comparison.result()).toEqual({
      tokens: 3,
      relativeRms: Math.sqrt((1 + 1 + 4 + 4) / (9 + 9 + 4)),
      largest: 2,
      changedArgmax: 1 / 3,
      changedDraws: 2 / 3,
    });
  });

  it("refuses rows of other sizes", () => {
    const add = () => new LogitComparison().add(rows([1, 2], [0]), rows([1, 2, 3], [0]));
    expect(add).toThrow(ShapeError);
    expect(add).toThrow("LogitComparison: expected 2 logits of 1 tokens, got 3 of 1");
  });
});
