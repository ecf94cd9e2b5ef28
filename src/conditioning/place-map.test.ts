import { expect, test } from "vitest";
import { largestError } from "../../test/ops/run-case.ts";
import { input } from "../graph/ops/source.ts";
import { countParameters, initialize, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { placeMap } from "./place-map.ts";

const [batch, width, places, features, rank] = [2, 6, 5, 7, 2] as const;

test("each place has a map of its own of the shared features, of the rank asked for", async () => {
  const scope = new Scope();
  const condition = input("condition", "float32", [batch, width]);
  const mapped = placeMap({ width, places, features, rank }).bind(scope)(condition);
  expect(mapped.shape).toEqual([batch, places, width]);
  expect(countParameters(scope.specs)).toBe(
    features * (width + 1) + places * rank * (features + 1) + width * (rank + 1),
  );

  const parameters = initialize(scope.specs, 3);
  const device = await openDevice("cpu", { threads: 1 });
  const fn = await compile(device, "map", { mapped }, { constants: parameters });
  const values = random(4, "condition").normals(batch * width);
  const { mapped: result } = await fn.run({ condition: values });
  await fn.release();

  const shared = parameters.get("features.weight")!;
  const feature = (b: number, f: number): number => {
    let x = 0;
    for (let i = 0; i < width; i++) x += shared[f * width + i]! * values[b * width + i]!;
    return x / (1 + Math.exp(-x));
  };
  const reduced = parameters.get("reduced.weight")!;
  const widened = parameters.get("widened.weight")!;
  const expected = new Float32Array(batch * places * width);
  for (let b = 0; b < batch; b++)
    for (let l = 0; l < places; l++)
      for (let r = 0; r < rank; r++) {
        let product = 0;
        for (let f = 0; f < features; f++)
          product += reduced[(l * rank + r) * features + f]! * feature(b, f);
        for (let o = 0; o < width; o++)
          expected[(b * places + l) * width + o]! += widened[o * rank + r]! * product;
      }
  expect(largestError(result!.data as Float32Array, expected)).toBeLessThan(1e-5);
});
