import { describe, expect, it } from "vitest";
import { ShapeError } from "../errors.ts";
import { random } from "../random/random.ts";
import { type FeatureMaps, perceptualDistances } from "./perceptual-distance.ts";

const maps = (seed: number, count: number, channels: number, side: number): FeatureMaps => ({
  count,
  channels,
  height: side,
  width: side,
  values: random(seed, "maps").normals(count * channels * side * side),
});

describe("perceptualDistances", () => {
  it("is 0 for equal maps and for maps that differ in length only", () => {
    const layer = maps(1, 2, 5, 3);
    expect([...perceptualDistances([layer], [layer])]).toEqual([0, 0]);
    const longer = { ...layer, values: layer.values.map((value) => 4 * value) };
    for (const value of perceptualDistances([layer], [longer])) expect(value).toBeCloseTo(0, 12);
  });

  it("is 2 where the directions stand at right angles, 4 where they are opposite", () => {
    const layer = (x: number, y: number): FeatureMaps => ({
      count: 1,
      channels: 2,
      height: 1,
      width: 1,
      values: Float32Array.of(x, y),
    });
    expect(perceptualDistances([layer(3, 0)], [layer(0, 0.1)])[0]).toBeCloseTo(2, 8);
    expect(perceptualDistances([layer(3, 0)], [layer(-1, 0)])[0]).toBeCloseTo(4, 8);
    // a silent position has no direction
    expect(perceptualDistances([layer(0, 0)], [layer(0, 0)])[0]).toBe(0);
    expect(perceptualDistances([layer(0, 0)], [layer(1, 0)])[0]).toBeCloseTo(1, 8);
    expect(perceptualDistances([layer(3, 0)], [layer(0, 1)], [[0.25, 0.5]])[0]).toBeCloseTo(
      0.75,
      8,
    );
  });

  it("averages over positions, weighs channels, adds layers, one picture at a time", () => {
    const first = [maps(1, 2, 3, 4), maps(2, 2, 5, 2)];
    const second = [maps(3, 2, 3, 4), maps(4, 2, 5, 2)];
    const weights = [random(5).uniforms(3), random(6).uniforms(5)];
    const found = perceptualDistances(first, second, weights);
    for (const picture of [0, 1]) {
      const expected = [0, 1].map((l) => layer(first[l]!, second[l]!, weights[l]!, picture));
      expect(found[picture]).toBeCloseTo(expected[0]! + expected[1]!, 8);
    }
    expect([...perceptualDistances(second, first, weights)]).toEqual([...found]);
  });

  it("refuses layers and weights that do not match", () => {
    const layer = maps(1, 2, 3, 4);
    expect(() => perceptualDistances([], [])).toThrow(ShapeError);
    expect(() => perceptualDistances([layer], [layer, layer])).toThrow(ShapeError);
    expect(() => perceptualDistances([layer], [layer], [[1, 1]])).toThrow(ShapeError);
    expect(() =>
      perceptualDistances([layer], [maps(1, 2, 3, 5)]),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: perceptualDistances: layer 0: expected twice [2, 3, 4, 4] for 2 pictures, got [2, 3, 5, 5] with 96 and 150 values]`,
    );
  });
});

/** The formula with the vectors of each position gathered first. */
function layer(a: FeatureMaps, b: FeatureMaps, weights: Float32Array, picture: number): number {
  const area = a.height * a.width;
  let sum = 0;
  for (let p = 0; p < area; p++) {
    const unit = ({ values, channels }: FeatureMaps) => {
      const at = (c: number) => values[(picture * channels + c) * area + p]!;
      const vector = Array.from({ length: channels }, (_, c) => at(c));
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    };
    const [f, g] = [unit(a), unit(b)];
    f.forEach((value, c) => {
      sum += weights[c]! * (value - g[c]!) ** 2;
    });
  }
  return sum / area;
}
