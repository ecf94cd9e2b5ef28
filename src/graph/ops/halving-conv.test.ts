import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/ops/evaluate.ts";
import { random } from "../../random/random.ts";
import { areaMatrix } from "../resample-matrix.ts";
import { conv2d, evenPadding } from "./conv.ts";
import { halvingConv2d } from "./halving-conv.ts";
import { transpose } from "./layout.ts";
import { resample } from "./resample.ts";
import { constant, input } from "./source.ts";
import { sliceAll } from "./window.ts";

const [batch, inputs, outputs] = [2, 3, 5];

/** By the definition: convolved whole, and halved after it. */
async function both(height: number, width: number) {
  const x = input("x", "float32", [batch, inputs, height, width]);
  const weight = input("weight", "float32", [outputs, inputs, 3, 3]);
  const halving = (side: number) => constant(areaMatrix(side, side / 2), [side / 2, side]);
  const even = (side: number) => 2 * Math.floor(side / 2);
  const whole = conv2d(x, weight, undefined, { padding: evenPadding(1) });
  const squares = sliceAll(whole, [
    { axis: 2, start: 0, end: even(height) },
    { axis: 3, start: 0, end: even(width) },
  ]);
  const columns = transpose(halving(even(width)), [1, 0]);
  const draws = random(1, "halving", height, width);
  return evaluate(
    {
      expected: resample(squares, halving(even(height)), columns),
      got: halvingConv2d(x, weight),
    },
    {
      x: draws.normals(batch * inputs * height * width),
      weight: draws.normals(outputs * inputs * 9),
    },
  );
}

describe("halvingConv2d", () => {
  it.each([
    [8, 8],
    [6, 4],
    [2, 2],
    [5, 8],
    [7, 9],
  ])("is a convolution and the mean of every 2×2 square: %i×%i", async (height, width) => {
    const { expected, got } = await both(height, width);
    expect(got!.length).toBe(batch * outputs * Math.floor(height / 2) * Math.floor(width / 2));
    got!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected![i]!, 4);
    });
  });
});
