import { expect, it } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { namedDim } from "../graph/dim.ts";
import { constant, input } from "../graph/ops/source.ts";
import { type FeatureMaps, perceptualDistances } from "../metrics/perceptual-distance.ts";
import { random } from "../random/random.ts";
import { mapDistance } from "./map-distance.ts";

const layers = [
  { channels: 3, height: 4, width: 5 },
  { channels: 6, height: 2, width: 1 },
];
const count = 3;

it.each([
  { name: "with learned weights", weighted: true },
  { name: "with uniform weights", weighted: false },
])("the distance of maps in a graph is that of src/metrics, $name", async ({ weighted }) => {
  const feeds: Record<string, { data: Float32Array; dims: number[] }> = {};
  const maps = (name: string) =>
    layers.map(({ channels, height, width }, i): FeatureMaps => {
      const values = random(1, name, i).normals(count * channels * height * width);
      // a network is silent here, and its vectors have no direction
      if (name === "first") for (let p = 0; p < channels * height * width; p++) values[p] = 0;
      feeds[`${name}${i}`] = { data: values, dims: [count, channels, height, width] };
      return { count, channels, height, width, values };
    });
  const [first, second] = [maps("first"), maps("second")];
  const weights = layers.map(({ channels }, i) => random(1, "weights", i).uniforms(channels));
  const inputs = (name: string) =>
    layers.map(({ channels, height, width }, i) =>
      input(`${name}${i}`, "float32", [namedDim("B"), channels, height, width]),
    );
  const learned = weights.map((values) => constant(values, [1, values.length, 1, 1]));
  const distance = weighted
    ? mapDistance(inputs("first"), inputs("second"), learned)
    : mapDistance(inputs("first"), inputs("second"));
  const got = (await evaluate({ distance }, feeds)).distance!;
  const wanted = perceptualDistances(first, second, weighted ? weights : undefined);
  expect(got.length).toBe(count);
  got.forEach((value, b) => {
    expect(value / wanted[b]!).toBeCloseTo(1, 5);
  });
});
