import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { jointVerdict, pairedEffect, verdictOf } from "./effect.ts";

describe("pairedEffect", () => {
  it("gives the mean of the differences with Student's interval", () => {
    // differences 1, 2, 3: mean 2, standard error 1/√3, t(2) = 4.303
    const { value, low, high } = pairedEffect("difference", [10, 20, 30], [11, 22, 33]);
    expect(value).toBeCloseTo(2, 12);
    expect(low).toBeCloseTo(2 - 4.303 / Math.sqrt(3), 6);
    expect(high).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 6);
  });

  it("averages ratios so that swapping the two sides inverts them", () => {
    const [a, b] = [
      [1, 2, 5],
      [4, 7, 9],
    ] as const;
    const effect = pairedEffect("ratio", a, b);
    const inverse = pairedEffect("ratio", b, a);
    expect(effect.value * inverse.value).toBeCloseTo(1, 12);
    expect(effect.low! * inverse.high!).toBeCloseTo(1, 12);
  });

  it("has no interval for one seed", () => {
    expect(pairedEffect("ratio", [2], [1])).toEqual({
      kind: "ratio",
      value: 0.5,
      low: null,
      high: null,
    });
  });

  it("refuses pairs that are not pairs, and ratios of what is not positive", () => {
    expect(() => pairedEffect("difference", [1], [1, 2])).toThrow(ConfigError);
    expect(() => pairedEffect("difference", [], [])).toThrow(ConfigError);
    expect(() => pairedEffect("ratio", [0, 1], [1, 1])).toThrow(ConfigError);
  });
});

describe("verdicts", () => {
  const ratio = (low: number | null, high: number | null) =>
    ({ kind: "ratio", value: 1, low, high }) as const;

  it("want the whole interval on the side of the claim", () => {
    expect(verdictOf(ratio(0.5, 0.9), "lower")).toBe("shown");
    expect(verdictOf(ratio(0.5, 1.1), "lower")).toBe("not-shown");
    expect(verdictOf(ratio(1.1, 1.3), "lower")).toBe("opposite");
    expect(verdictOf(ratio(1.1, 1.3), "higher")).toBe("shown");
    expect(verdictOf({ kind: "difference", value: -1, low: -2, high: -0.5 }, "higher")).toBe(
      "opposite",
    );
  });

  it("are never positive on a single seed", () => {
    expect(verdictOf(ratio(null, null), "lower")).toBe("not-shown");
  });

  it("of several measures are as good as the worst of them", () => {
    expect(jointVerdict(["shown", "shown"])).toBe("shown");
    expect(jointVerdict(["shown", "not-shown"])).toBe("not-shown");
    expect(jointVerdict(["shown", "opposite", "not-shown"])).toBe("opposite");
  });
});
