import { describe, expect, it } from "vitest";
import { checkOnnx } from "../../../test/onnx/check-onnx.ts";
import { readOnnx } from "../../../test/onnx/read-onnx.ts";
import { cases } from "../../../test/ops/cases.ts";
import { outputsOf } from "../../../test/ops/run-case.ts";
import { onnxCode } from "../dtype.ts";
import type { Tensor } from "../node.ts";
import { add, multiply } from "../ops/arithmetic.ts";
import { attention } from "../ops/attention.ts";
import { cast } from "../ops/compare.ts";
import { concat } from "../ops/layout.ts";
import { layerNorm } from "../ops/norm.ts";
import { exactGemm, linearProduct, matmul } from "../ops/product.ts";
import { sum } from "../ops/reduce.ts";
import { constant, input } from "../ops/source.ts";
import { gelu } from "../ops/unary.ts";
import { gapsOf } from "../support/gaps.ts";
import { writeModel } from "./writer.ts";

const x = input("x", "float32", [2, 4]);
const weight = constant(
  Float32Array.from({ length: 16 }, (_, i) => i / 7),
  [4, 4],
);

function write(outputs: Record<string, Tensor>, target: "cpu" | "webgpu" = "webgpu") {
  const written = writeModel({
    name: "test",
    target,
    narrow: true,
    outputs: new Map(Object.entries(outputs)),
  });
  const model = readOnnx(written.bytes);
  expect(checkOnnx(model)).toEqual([]);
  const { nodes } = written;
  const typed = nodes.map(({ type, inputs, outputs: [y] }) => {
    const float = y!.dtype === "float16" || inputs.some(({ dtype }) => dtype === "float16");
    return `${type}${float && type !== "Cast" ? "16" : ""}`;
  });
  return { model, nodes, typed };
}

describe("a narrow graph", () => {
  it("keeps the rules of ONNX for every op and its gradient", () => {
    for (const test of cases) write(outputsOf(test, true));
  });

  it("has nothing that WebGPU would leave to the CPU, and the wide one would not", () => {
    for (const test of cases) {
      const outputs = new Map(Object.entries(outputsOf(test, true)));
      const gaps = (narrow: boolean) => {
        const { nodes } = writeModel({ name: "test", target: "webgpu", narrow, outputs });
        return gapsOf(nodes, "webgpu").map(({ type, missing }) => `${type}: ${missing}`);
      };
      expect(gaps(true), test.name).toEqual(gaps(false));
    }
  });

  it("computes products in float16, and what stands between them", () => {
    const y = linearProduct(gelu(linearProduct(x, weight)), weight);
    expect(write({ y }).typed).toEqual(["Cast", "Gemm16", "ms.FastGelu16", "Gemm16", "Cast"]);
  });

  it("sums, normalises and exponentiates in float32", () => {
    const heads = multiply(input("q", "float32", [1, 1, 4, 4]), 2);
    const y = attention(heads, heads, heads, { scale: 1 });
    const { nodes } = write({ y: sum(layerNorm(y)) });
    const dtypes = nodes
      .filter(({ type }) => /Softmax|LayerNorm|Reduce/.test(type))
      .map(({ inputs: [one] }) => one!.dtype);
    expect(dtypes).toEqual(["float32", "float32", "float32"]);
  });

  it("keeps a residual stream that begins wide as it is", () => {
    const h = add(x, linearProduct(x, weight));
    const y = add(h, linearProduct(layerNorm(h), weight));
    const { typed } = write({ y });
    expect(typed.filter((type) => type === "Add")).toHaveLength(2);
    expect(typed.filter((type) => type === "Gemm16")).toHaveLength(2);
  });

  it("rounds constants beforehand, and leaves out the form that nobody reads", () => {
    const { model } = write({ y: linearProduct(x, weight) });
    expect(model.initializers.map(({ dtype }) => dtype)).toEqual([onnxCode("float16")]);
  });

  it("leaves constants wide that float16 cannot hold", () => {
    const large = constant(new Float32Array(16).fill(1e5), [4, 4]);
    expect(write({ y: matmul(x, large) }).typed).toEqual(["MatMul"]);
    const hidden = constant(new Float32Array(16).fill(Number.NEGATIVE_INFINITY), [4, 4]);
    expect(write({ y: add(matmul(weight, weight), hidden) }).typed).toContain("Add16");
  });

  it("leaves products wide that are to be exact", () => {
    const y = exactGemm(x, weight, false, false);
    expect(write({ y }).typed).toEqual(["Gemm"]);
  });

  it("passes a float16 cache through without a change of type", () => {
    const before = input("keys", "float16", [3, 4]);
    const all = concat([before, cast(linearProduct(x, weight), "float16")], 0);
    const y = matmul(x, cast(all, "float32"), { transposeB: true });
    const { nodes, typed } = write({ y, "new keys": all });
    expect(typed).toEqual([
      "Cast",
      "Gemm16",
      "Identity16",
      "Concat16",
      "Transpose16",
      "MatMul16",
      "Cast",
    ]);
    expect(nodes.filter(({ type }) => type === "Cast").map(({ outputs: [y] }) => y!.dtype)).toEqual(
      ["float16", "float32"],
    );
  });

  it("hands out float32 wherever float32 was asked for", () => {
    const { model } = write({ y: linearProduct(x, weight), z: gelu(linearProduct(x, weight)) });
    expect(model.outputs.map(({ dtype }) => dtype)).toEqual([1, 1].map(() => onnxCode("float32")));
  });
});
