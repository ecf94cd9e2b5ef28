import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/ops/evaluate.ts";
import { grad } from "../autodiff.ts";
import { multiply } from "./arithmetic.ts";
import { groupNorm, l2Normalize, layerNorm } from "./norm.ts";
import { sum } from "./reduce.ts";
import { constant, input } from "./source.ts";

const x = input("x", "float32", [2, 2]);
const weights = constant(Float32Array.of(1, 2, 3, 4), [2, 2]);

describe("l2Normalize", () => {
  it("leaves rows of zeros alone, and keeps their gradient finite", async () => {
    const y = l2Normalize(x);
    const [g] = grad(sum(multiply(y, weights)), [x]);
    const results = await evaluate({ y, g: g! }, { x: Float32Array.of(0, 0, 3, 4) });
    expect(results.y!.slice(0, 2)).toEqual([0, 0]);
    expect(results.y![2]).toBeCloseTo(0.6, 6);
    expect(results.g!.every(Number.isFinite)).toBe(true);
  });
});

describe("normalisations of constant rows", () => {
  it("give zeros and finite gradients", async () => {
    const flat = { x: new Float32Array(4).fill(7) };
    const y = layerNorm(x);
    const [g] = grad(sum(multiply(y, weights)), [x]);
    const results = await evaluate({ y, g: g! }, flat);
    expect(results.y).toEqual([0, 0, 0, 0]);
    expect(results.g!.every(Number.isFinite)).toBe(true);
  });

  it("give the offset, per group of channels", async () => {
    const map = input("x", "float32", [1, 2, 1, 2]);
    const one = constant(Float32Array.of(1, 1), [2]);
    const offset = constant(Float32Array.of(3, 5), [2]);
    const y = groupNorm(map, one, offset, 1);
    const [g] = grad(sum(y), [map]);
    const results = await evaluate({ y, g: g! }, { x: new Float32Array(4).fill(7) });
    [3, 3, 5, 5].forEach((value, i) => {
      expect(results.y![i]).toBeCloseTo(value, 2);
    });
    expect(results.g!.every(Number.isFinite)).toBe(true);
  });
});
