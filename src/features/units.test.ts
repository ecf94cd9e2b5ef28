import { describe, expect, it } from "vitest";
import { convOf } from "../../test/ops/cases/convolution.ts";
import { evaluate } from "../../test/ops/evaluate.ts";
import type { Plain } from "../../test/ops/plain.ts";
import { namedDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import { initialize, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { runUnits, type Unit } from "./units.ts";

const wide: Unit = {
  kind: "conv",
  name: "wide",
  outputs: 4,
  kernel: [1, 3],
  stride: 1,
  padding: [0, 1],
};
const tall: Unit = { ...wide, name: "tall", outputs: 2, kernel: [3, 1], padding: [1, 0] };
const forked: Unit = { kind: "branches", name: "fork", branches: [[wide], [tall]] };

describe("units", () => {
  it("name what is inside branches after them", () => {
    const scope = new Scope();
    const halve: Unit = { kind: "maxPool", kernel: 2, stride: 2, padding: 0 };
    const y = runUnits([halve, forked], scope, input("x", "float32", [1, 3, 4, 4]));
    expect(y.shape).toEqual([1, 6, 2, 2]);
    expect([...scope.specs].map(([path, { shape }]) => [path, ...shape].join(" "))).toEqual([
      "fork.wide.weight 4 3 1 3",
      "fork.wide.bias 4",
      "fork.tall.weight 2 3 3 1",
      "fork.tall.bias 2",
    ]);
  });

  it("compute the convolutions of their definition, with ReLU after each", async () => {
    const scope = new Scope();
    const x = input("x", "float32", [namedDim("B"), 3, 4, 5]);
    const y = runUnits([forked], scope, x);
    const values = random(1, "units").normals(2 * 3 * 20);
    const constants = initialize(scope.specs, 3);
    constants.get("fork.wide.bias")!.set([1, -1, 0.5, 0]);
    const plain = (path: string): Plain => ({
      dims: scope.specs.get(path)!.shape,
      data: constants.get(path)!,
    });
    const of = (name: string, padding: [number, number]) =>
      convOf(
        { dims: [2, 3, 4, 5], data: values },
        plain(`fork.${name}.weight`),
        plain(`fork.${name}.bias`),
        { padding: { top: padding[0], bottom: padding[0], left: padding[1], right: padding[1] } },
      ).map((value) => Math.max(0, value));
    const [first, second] = [of("wide", [0, 1]), of("tall", [1, 0])];
    const wanted = [0, 1].flatMap((b) => [
      ...first.slice(b * 80, (b + 1) * 80),
      ...second.slice(b * 40, (b + 1) * 40),
    ]);
    const feeds = { x: { data: values, dims: [2, 3, 4, 5] } };
    const got = (await evaluate({ y }, feeds, { constants })).y!;
    expect(got.length).toBe(wanted.length);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 5);
    });
    expect(Math.max(...got)).toBeGreaterThan(0);
  });
});
