import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { ShapeError } from "../errors.ts";
import { input } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { type BatchMoments, batchNorm, foldMoments } from "./batch-norm.ts";
import { Scope } from "./layer.ts";

const [pictures, channels, side] = [4, 3, 5];
const draws = random(1, "batch-norm");
const x = draws.normals(pictures * channels * side * side).map((value) => 3 * value + 2);
const parameters = new Map([
  ["norm.weight", Float32Array.of(0.5, 1, -2)],
  ["norm.bias", Float32Array.of(1, 0, 0.25)],
]);

function traced(batch?: BatchMoments) {
  const pixels = input("x", "float32", [pictures, channels, side, side]);
  return batchNorm(channels).bind(new Scope().child("norm"))(pixels, batch);
}

function valuesOf(channel: number, data: ArrayLike<number>): number[] {
  const perMap = side * side;
  return Array.from(
    { length: pictures * perMap },
    (_, i) => data[(Math.floor(i / perMap) * channels + channel) * perMap + (i % perMap)]!,
  );
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

async function trained() {
  const batch: BatchMoments = new Map();
  const y = traced(batch);
  const { mean, variance } = batch.get("norm")!;
  return evaluate({ y, mean, variance }, { x }, { constants: parameters });
}

describe("batchNorm", () => {
  it("in training gives every channel the bias as mean and the weight as deviation", async () => {
    const { y, mean, variance } = await trained();
    for (let c = 0; c < channels; c++) {
      const before = valuesOf(c, x);
      const after = valuesOf(c, y!);
      expect(mean![c]).toBeCloseTo(meanOf(before), 4);
      expect(variance![c]).toBeCloseTo(meanOf(before.map((v) => (v - mean![c]!) ** 2)), 3);
      const bias = parameters.get("norm.bias")![c]!;
      expect(meanOf(after)).toBeCloseTo(bias, 4);
      const spread = Math.sqrt(meanOf(after.map((v) => (v - bias) ** 2)));
      expect(spread).toBeCloseTo(Math.abs(parameters.get("norm.weight")![c]!), 4);
    }
  });

  it("with its moments folded in, does the same without the batch", async () => {
    const { y, mean, variance } = await trained();
    const moments = new Map([
      ["norm", { mean: Float32Array.from(mean!), variance: Float32Array.from(variance!) }],
    ]);
    const folded = foldMoments(parameters, moments);
    const alone = await evaluate({ y: traced() }, { x }, { constants: folded });
    alone.y!.forEach((value, i) => {
      expect(value).toBeCloseTo(y![i]!, 4);
    });
  });

  it("leaves other parameters alone, and refuses moments of a layer that is not there", () => {
    const moments = { mean: Float32Array.of(0), variance: Float32Array.of(1) };
    const other = new Map([["head", Float32Array.of(7)]]);
    expect(foldMoments(other, new Map())).toEqual(other);
    expect(() => foldMoments(other, new Map([["norm", moments]]))).toThrow(ShapeError);
    expect(() => foldMoments(parameters, new Map([["norm", moments]]))).toThrow(/3 numbers/);
  });
});
