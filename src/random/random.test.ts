import { describe, expect, it } from "vitest";
import { random } from "./random.ts";

describe("random", () => {
  it("repeats itself for the same seed and name", () => {
    expect(random(7, "a").uniforms(5)).toEqual(random(7, "a").uniforms(5));
  });

  it("differs between seeds, names and path boundaries", () => {
    const first = (...args: Parameters<typeof random>) => random(...args).uniform();
    expect(
      new Set([first(1), first(2), first(1, "a"), first(1, "b"), first(11), first(1, 1)]).size,
    ).toBe(6);
  });

  it("keeps its values: a change would change every sample", () => {
    expect(random(0).uniforms(3)).toMatchInlineSnapshot(`
      Float32Array [
        0.013044087216258049,
        0.23994877934455872,
        0.044980503618717194,
      ]
    `);
  });

  it("draws uniforms with mean 1/2 and normals with mean 0 and variance 1", () => {
    const count = 100_000;
    const mean = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0) / count;
    expect(mean(random(1).uniforms(count))).toBeCloseTo(0.5, 2);
    const normals = random(2).normals(count);
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((x) => x * x))).toBeCloseTo(1, 1);
  });

  it("permutes every position exactly once", () => {
    expect([...random(3).permutation(50)].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
  });
});
