import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/ops/evaluate.ts";
import { ShapeError } from "../errors.ts";
import { grad, pullBack } from "./autodiff.ts";
import { reachableNodes, type Tensor } from "./node.ts";
import { add, multiply } from "./ops/arithmetic.ts";
import { cast } from "./ops/compare.ts";
import { chunk, reshape, split } from "./ops/layout.ts";
import { mean, sum } from "./ops/reduce.ts";
import { constant, input, scalar } from "./ops/source.ts";
import { stopGradient, straightThrough } from "./ops/stop-gradient.ts";
import { exp, floor, square } from "./ops/unary.ts";

const x = input("x", "float32", [3]);
const y = input("y", "float32", [3]);
const feeds = { x: Float32Array.of(1, 2, 3), y: Float32Array.of(10, 20, 30) };

async function gradients(loss: Tensor, ...wrt: Tensor[]): Promise<number[][]> {
  const outputs = Object.fromEntries(grad(loss, wrt).map((g, i) => [`g${i}`, g]));
  return Object.values(await evaluate(outputs, feeds));
}

describe("grad", () => {
  it("adds up every use of a tensor", async () => {
    const loss = sum(add(multiply(x, x), multiply(x, y)));
    expect(await gradients(loss, x, y)).toEqual([
      [12, 24, 36],
      [1, 2, 3],
    ]);
  });

  it("passes through inner tensors that are asked for as well", async () => {
    const h = square(x);
    expect(await gradients(sum(multiply(h, y)), h, x)).toEqual([
      [10, 20, 30],
      [20, 80, 180],
    ]);
  });

  it("is zero for what the loss does not read", async () => {
    expect(await gradients(sum(x), y)).toEqual([[0, 0, 0]]);
  });

  it("is one for the loss itself", async () => {
    const loss = sum(x);
    expect(await gradients(loss, loss)).toEqual([[1]]);
  });

  it("sums over the axes along which a tensor was repeated", async () => {
    const row = input("y", "float32", [1, 3]);
    const column = reshape(x, [3, 1]);
    expect(await gradients(sum(multiply(row, column)), row, x)).toEqual([
      [6, 6, 6],
      [60, 60, 60],
    ]);
  });

  it("collects the parts of an op with several outputs, used or not", async () => {
    const [first, , last] = split(x, [1, 1, 1], 0) as [Tensor, Tensor, Tensor];
    expect(await gradients(sum(add(multiply(first, 5), multiply(last, 7))), x)).toEqual([
      [5, 0, 7],
    ]);
    const [, second] = chunk(reshape(x, [1, 3]), 3, 1) as [Tensor, Tensor];
    expect(await gradients(sum(second), x)).toEqual([[0, 1, 0]]);
  });

  it("differentiates gradients again", async () => {
    const [first] = grad(sum(multiply(square(x), x)), [x]) as [Tensor];
    expect(await gradients(sum(first), x)).toEqual([[6, 12, 18]]);
  });

  it("takes a loss of one element, whatever its rank", async () => {
    expect(await gradients(mean(x), x)).toEqual([[1 / 3, 1 / 3, 1 / 3].map(Math.fround)]);
    expect(await gradients(reshape(sum(x), []), x)).toEqual([[1, 1, 1]]);
  });

  it("refuses a loss of several elements", () => {
    expect(() => grad(square(x), [x])).toThrow(ShapeError);
    expect(() => grad(square(x), [x])).toThrow(
      "grad: expected a loss of one element, got [3]. Reduce it with mean() or sum() first.",
    );
  });

  it("ends at whole numbers and positions", async () => {
    const whole = cast(cast(x, "int32"), "float32");
    expect(await gradients(sum(add(whole, floor(x))), x)).toEqual([[0, 0, 0]]);
  });

  it("adds nothing for branches without what is differentiated", () => {
    const [g] = grad(sum(add(x, exp(exp(y)))), [x]) as [Tensor];
    expect(reachableNodes([g]).map(({ op }) => op.name)).not.toContain("exp");
  });
});

describe("pullBack", () => {
  it("weighs several results by their seeds and skips those without one", async () => {
    const seed = constant(Float32Array.of(1, 0, 2), [3]);
    const [g] = pullBack([square(x), exp(x)], [seed, undefined], [x]);
    expect(await evaluate({ g: g! }, feeds)).toEqual({ g: [2, 0, 12] });
  });

  it("says where nothing flows", () => {
    expect(pullBack([square(x)], [undefined], [x, y])).toEqual([undefined, undefined]);
  });
});

describe("stopGradient", () => {
  it("keeps the value and ends the gradient", async () => {
    const loss = sum(multiply(x, stopGradient(x)));
    expect(await evaluate({ loss }, feeds)).toEqual({ loss: [14] });
    expect(await gradients(loss, x)).toEqual([[1, 2, 3]]);
  });

  it("writes nothing", async () => {
    expect(await evaluate({ y: stopGradient(stopGradient(x)) }, feeds)).toEqual({ y: [1, 2, 3] });
  });
});

describe("straightThrough", () => {
  it("has the value of what is quantised and the gradient of what was given", async () => {
    const quantized = floor(multiply(x, 0.75));
    const result = straightThrough(x, quantized);
    expect(await evaluate({ result }, feeds)).toEqual({ result: [0, 1, 2] });
    expect(await gradients(sum(multiply(result, y)), x)).toEqual([[10, 20, 30]]);
  });

  it("gives the quantised side nothing", async () => {
    const codes = multiply(y, scalar(0.1));
    expect(await gradients(sum(straightThrough(x, codes)), y)).toEqual([[0, 0, 0]]);
  });
});
