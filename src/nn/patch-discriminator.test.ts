import { describe, expect, it } from "vitest";
import { input } from "../graph/ops/source.ts";
import { countParameters, initialize, Scope } from "./layer.ts";
import { patchDiscriminator, smallestJudged } from "./patch-discriminator.ts";

const published = { channels: 64, layers: 3 };

function judged(side: number, options = published) {
  const scope = new Scope();
  const run = patchDiscriminator(options).bind(scope);
  return { scope, shape: run(input("pixels", "float32", [2, 3, side, side])).shape };
}

describe("the published discriminator", () => {
  const { scope, shape } = judged(256);

  it("has the sheet's 2,765,633 parameters and 30×30 patches of 256 pixels", () => {
    expect(countParameters(scope.specs)).toBe(2_765_633);
    expect(shape).toEqual([2, 1, 30, 30]);
  });

  it("widens from 64 to 512 channels, with 4×4 kernels and a bias at both ends alone", () => {
    const shapes = Object.fromEntries([...scope.specs].map(([name, spec]) => [name, spec.shape]));
    expect(shapes).toEqual({
      "convIn.weight": [64, 3, 4, 4],
      "convIn.bias": [64],
      "inner.0.conv.weight": [128, 64, 4, 4],
      "inner.0.norm.weight": [128],
      "inner.0.norm.bias": [128],
      "inner.1.conv.weight": [256, 128, 4, 4],
      "inner.1.norm.weight": [256],
      "inner.1.norm.bias": [256],
      "inner.2.conv.weight": [512, 256, 4, 4],
      "inner.2.norm.weight": [512],
      "inner.2.norm.bias": [512],
      "convOut.weight": [1, 512, 4, 4],
      "convOut.bias": [1],
    });
  });

  it("starts with gains around 1 and weights around 0, both 0.02 wide", () => {
    const values = initialize(scope.specs, 1);
    const deviation = (data: Float32Array, around: number) =>
      Math.sqrt(data.reduce((sum, x) => sum + (x - around) ** 2, 0) / data.length);
    expect(deviation(values.get("inner.1.conv.weight")!, 0)).toBeCloseTo(0.02, 3);
    const gains = deviation(values.get("inner.2.norm.weight")!, 1);
    expect(gains).toBeGreaterThan(0.017);
    expect(gains).toBeLessThan(0.023);
  });
});

it.each([1, 2, 3])("%i halvings leave one patch of the smallest picture", (layers) => {
  const options = { channels: 2, layers };
  const side = smallestJudged(options);
  expect(judged(side, options).shape).toEqual([2, 1, 1, 1]);
  expect(() => judged(side - 1, options)).toThrow(/at least 4 × 4/);
});
