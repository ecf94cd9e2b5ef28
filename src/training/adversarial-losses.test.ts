import { expect, test } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { grad } from "../graph/autodiff.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { adaptiveWeight, generatorLoss, hingeLoss } from "./adversarial-losses.ts";

const [real, fake] = ["real", "fake"].map((name) => input(name, "float32", [2, 1, 1, 2])) as [
  ReturnType<typeof input>,
  ReturnType<typeof input>,
];

test("the hinge loss counts what is not told apart by a margin of 1, half of it for each side", async () => {
  const hinge = hingeLoss(real, fake);
  const [dReal, dFake] = grad(hinge, [real, fake]);
  const found = await evaluate(
    { hinge, dReal: dReal!, dFake: dFake! },
    { real: Float32Array.of(2, 0.5, -1, 1.5), fake: Float32Array.of(-3, 0, 1, -1.25) },
  );
  // relu(1 − D): 0, 0.5, 2, 0; relu(1 + D): 0, 1, 2, 0
  expect(found.hinge).toEqual([0.5 * (2.5 / 4 + 3 / 4)]);
  expect(found.dReal!.map((x) => x + 0)).toEqual([0, -1 / 8, -1 / 8, 0]);
  expect(found.dFake).toEqual([0, 1 / 8, 1 / 8, 0]);
});

test("the generator's loss is the mean judgement, turned round", async () => {
  const found = await evaluate(
    { loss: generatorLoss(fake) },
    { fake: Float32Array.of(4, 0, 1, -1) },
  );
  expect(found.loss).toEqual([-1]);
});

test("the adaptive weight is the ratio of both gradients' lengths, within its limit, and no gradient flows", async () => {
  const w = input("w", "float32", [2]);
  const k = input("k", "float32", []);
  // gradients 3·(1, 1) and k·(1, 1)
  const [loss, adversarial] = [sum(multiply(w, 3)), sum(multiply(w, k))];
  const weightAt = async (slope: number, limit: number) => {
    const weight = adaptiveWeight(loss, adversarial, w, limit);
    const [flow] = grad(weight, [k]);
    const feeds = { w: Float32Array.of(1, 2), k: Float32Array.of(slope) };
    const found = await evaluate({ weight, flow: flow! }, feeds);
    expect(found.flow).toEqual([0]);
    return found.weight![0]!;
  };
  expect(await weightAt(0.5, 1e4)).toBeCloseTo((3 * Math.SQRT2) / (0.5 * Math.SQRT2 + 1e-4), 4);
  expect(await weightAt(0.5, 2)).toBe(2);
  expect(await weightAt(0, 1e4)).toBe(1e4);
});
