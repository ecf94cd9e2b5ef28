import { expect, test } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { constant } from "../graph/ops/source.ts";
import { Scope } from "./layer.ts";
import { rmsNorm } from "./rms-norm.ts";

test("rows get a mean square of 1 before the gain, and keep their mean", async () => {
  const scope = new Scope();
  const x = constant(Float32Array.of(1, 2, 2, 4, -3, 0, 0, 0), [2, 4]);
  const y = rmsNorm(4).bind(scope)(x);
  const gains = new Map([["weight", Float32Array.of(1, 1, 2, 1)]]);
  const found = await evaluate({ y }, {}, { constants: gains });
  const wanted = [0.4, 0.8, 1.6, 1.6, -2, 0, 0, 0];
  expect(found.y).toEqual(wanted.map((value) => expect.closeTo(value, 4)));
});
