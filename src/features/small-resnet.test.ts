import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { ConfigError, ShapeError } from "../errors.ts";
import { namedDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import { countParameters, initialize, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { type SmallResnetOptions, smallResnet } from "./small-resnet.ts";

const options: SmallResnetOptions = {
  channels: [4, 8, 8],
  blocks: [0, 1, 2],
  dimensions: 6,
  classes: 5,
  groups: 2,
};

function traced(side: number, sizes = options) {
  const scope = new Scope();
  const pixels = input("pixels", "float32", [namedDim("B"), 3, side, side]);
  return { scope, ...smallResnet(scope, pixels, sizes) };
}

describe("smallResnet", () => {
  it("halves its maps from level to level and ends in D features and K scores", () => {
    const { scope, maps, features, logits } = traced(16);
    expect(maps.map(({ shape }) => shape.slice(1))).toEqual([
      [4, 16, 16],
      [8, 8, 8],
      [8, 4, 4],
    ]);
    expect(features.shape.slice(1)).toEqual([6]);
    expect(logits.shape.slice(1)).toEqual([5]);
    expect(countParameters(scope.specs)).toBe(3940);
  });

  it("gives a picture the same features alone and in a batch, none negative", async () => {
    const { scope, features } = traced(16);
    const constants = initialize(scope.specs, 1);
    const data = random(1, "pictures").normals(3 * 3 * 256);
    const run = async (count: number) =>
      (
        await evaluate(
          { features },
          { pixels: { data: data.subarray(0, count * 768), dims: [count, 3, 16, 16] } },
          { constants },
        )
      ).features!;
    const [alone, together] = [await run(1), await run(3)];
    alone.forEach((value, i) => {
      expect(together[i]).toBeCloseTo(value, 5);
    });
    expect(Math.min(...together)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...together)).toBeGreaterThan(0);
  });

  it("refuses sizes that do not fit together, all in one error", () => {
    const wrong = { ...options, channels: [4, 9, 8], blocks: [0, 1, 0] };
    expect(() => traced(16, wrong)).toThrow(ConfigError);
    expect(() => traced(16, wrong)).toThrow(/no block in level 2; 9 channels in 2 groups/);
    expect(() => traced(16, { ...options, blocks: [1] })).toThrow(/3 levels and blocks for 1/);
  });

  it("takes pictures of any size that can be halved", () => {
    expect(traced(19).maps.map(({ shape }) => shape[2])).toEqual([19, 9, 4]);
    expect(() => traced(3)).toThrow(ShapeError);
    expect(() => traced(3)).toThrow(/at least 4x4/);
  });
});
