import { describe, expect, it } from "vitest";
import { optimizer } from "../training/optimizer.ts";
import { unsafeInPlace } from "./in-place.ts";
import { reachableNodes, type Tensor } from "./node.ts";
import { add, multiply, subtract } from "./ops/arithmetic.ts";
import { replaceRows } from "./ops/indexing.ts";
import { reshape, transpose } from "./ops/layout.ts";
import { matmul } from "./ops/product.ts";
import { sum } from "./ops/reduce.ts";
import { input, parameter } from "./ops/source.ts";
import { stopGradient } from "./ops/stop-gradient.ts";
import { exp } from "./ops/unary.ts";
import { slice } from "./ops/window.ts";

const p = input("p", "float32", [3, 3]);
const q = input("q", "float32", [3, 3]);

function unsafe(pairs: Record<string, [Tensor, Tensor]>, ...others: Tensor[]): string[] {
  const results = Object.values(pairs).map(([, result]) => result);
  return unsafeInPlace(new Map(Object.entries(pairs)), [...results, ...others]);
}

describe("writing a result over an input", () => {
  it("is safe where only the writer reads it, element by element", () => {
    expect(unsafe({ p: [p, subtract(p, multiply(q, 0.1))] })).toEqual([]);
  });

  it("is safe where all other readers feed the writer", () => {
    expect(unsafe({ p: [p, add(p, matmul(transpose(p, [1, 0]), exp(p)))] })).toEqual([]);
  });

  it("is safe where rows are replaced, and what reads them reads the result", () => {
    const places = input("places", "int64", [1, 1]);
    const longer = replaceRows(p, places, exp(slice(q, 0, 0, 1)));
    expect(unsafe({ p: [p, longer] }, sum(longer))).toEqual([]);
    expect(unsafe({ p: [p, longer] }, sum(p))).toEqual(["p"]);
  });

  it("is unsafe where something else may read it later", () => {
    expect(unsafe({ p: [p, add(p, 1)] }, sum(p))).toEqual(["p"]);
    expect(unsafe({ p: [p, add(p, q)], q: [q, multiply(q, 2)] })).toEqual(["q"]);
  });

  it("is unsafe where the writer reads it out of order", () => {
    expect(unsafe({ p: [p, transpose(p, [1, 0])] })).toEqual(["p"]);
    expect(unsafe({ p: [p, matmul(p, q)] })).toEqual(["p"]);
  });

  it("finds readers behind reshapes and marks", () => {
    const seen = reshape(stopGradient(p), [9]);
    expect(unsafe({ p: [p, add(p, 1)] }, exp(seen))).toEqual(["p"]);
    expect(unsafe({ p: [p, add(p, reshape(exp(seen), [3, 3]))] })).toEqual([]);
  });

  it("is unsafe where the input itself is a result, in whatever shape", () => {
    expect(unsafe({ p: [p, add(p, 1)] }, p)).toEqual(["p"]);
    expect(unsafe({ p: [p, add(p, 1)] }, stopGradient(p))).toEqual(["p"]);
    expect(unsafe({ p: [p, add(p, 1)] }, reshape(p, [9]))).toEqual(["p"]);
  });

  it("cannot exchange two values", () => {
    expect(unsafe({ p: [p, q], q: [q, p] })).toEqual(["p", "q"]);
  });

  it("is safe where nothing changes", () => {
    expect(unsafe({ p: [p, p] }, p)).toEqual([]);
  });

  it("suits every state of the optimiser", () => {
    const parameters = new Map(
      ["a.weight", "a.bias"].map((path) => [path, parameter(path, [4, 2])] as const),
    );
    const options = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, clipNorm: 1, average: true };
    const ruleOf = () => ({ decays: true, muon: false });
    const { outputs, stores } = optimizer(parameters, ruleOf, options);
    const inputs = inputsOf(Object.values(outputs));
    const pairs = new Map(
      [...stores].map(([result, state]) => [
        state,
        [inputs.get(state)!, outputs[result]!] as const,
      ]),
    );
    expect([...pairs.values()].every(([before]) => before)).toBe(true);
    expect(pairs.size).toBe(8);
    expect(unsafeInPlace(pairs, Object.values(outputs))).toEqual([]);
  });
});

function inputsOf(outputs: readonly Tensor[]): Map<string, Tensor> {
  return new Map(
    reachableNodes(outputs)
      .filter(({ inputs, attributes }) => inputs.length === 0 && "name" in attributes)
      .map(({ attributes, outputs }) => [(attributes as { name: string }).name, outputs[0]!]),
  );
}
