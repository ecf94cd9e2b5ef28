import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { ConfigError, ShapeError } from "../errors.ts";
import { namedDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import type { BatchMoments } from "../nn/batch-norm.ts";
import { countParameters, initialize, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { smallConvnet } from "./small-convnet.ts";

const options = { filters: 4, channels: [6, 8], dimensions: 5, classes: 3 };

function traced(side: number, sizes = options, batch?: BatchMoments) {
  const scope = new Scope();
  const pixels = input("pixels", "float32", [namedDim("B"), 3, side, side]);
  return { scope, ...smallConvnet(scope, pixels, sizes, batch) };
}

describe("smallConvnet", () => {
  it("halves its maps from level to level and ends in D features and K scores", () => {
    const { scope, maps, features, logits } = traced(16);
    expect(maps.map(({ shape }) => shape.slice(1))).toEqual([
      [4, 16, 16],
      [6, 8, 8],
      [5, 4, 4],
    ]);
    expect(features.shape.slice(1)).toEqual([5]);
    expect(logits.shape.slice(1)).toEqual([3]);
    // the whitening filters are not trained and not counted
    const convolutions = 9 * (4 * 6 + 6 * 6 + 6 * 8 + 8 * 5);
    const norms = 2 * (6 + 6 + 8 + 5);
    expect(countParameters(scope.specs)).toBe(convolutions + norms + 5 * 3);
  });

  it("tells the moments of every normalisation when it trains", () => {
    const batch: BatchMoments = new Map();
    traced(8, options, batch);
    expect([...batch.keys()]).toEqual([
      "levels.0.norm1",
      "levels.0.norm2",
      "levels.1.norm1",
      "levels.1.norm2",
    ]);
  });

  it("gives a picture the same features alone and in a batch, none negative", async () => {
    const { scope, features } = traced(8);
    const constants = initialize(scope.specs, 1);
    const data = random(1, "pictures").normals(3 * 3 * 64);
    const run = async (count: number) => {
      const pixels = { data: data.subarray(0, count * 192), dims: [count, 3, 8, 8] };
      return (await evaluate({ features }, { pixels }, { constants })).features!;
    };
    const [alone, together] = [await run(1), await run(3)];
    alone.forEach((value, i) => {
      expect(together[i]).toBeCloseTo(value, 5);
    });
    expect(Math.min(...together)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...together)).toBeGreaterThan(0);
  });

  it("takes pictures of any size that can be halved", () => {
    expect(traced(19).maps.map(({ shape }) => shape[2])).toEqual([19, 9, 4]);
    expect(() => traced(3)).toThrow(ShapeError);
    expect(() => traced(3)).toThrow(/at least 4x4/);
    expect(() => traced(8, { ...options, channels: [] })).toThrow(ConfigError);
  });
});
