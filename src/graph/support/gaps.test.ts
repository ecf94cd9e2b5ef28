import { describe, expect, it } from "vitest";
import { namedDim } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { writeModel } from "../onnx/writer.ts";
import { add, multiply } from "../ops/arithmetic.ts";
import { cast } from "../ops/compare.ts";
import { lookup } from "../ops/indexing.ts";
import { concat, expand } from "../ops/layout.ts";
import { linearProduct } from "../ops/product.ts";
import { int8Product } from "../ops/quantized.ts";
import { input, parameter } from "../ops/source.ts";
import { gapsOf, valuesAbove } from "./gaps.ts";

const x = input("x", "float32", [2, 4]);
const w = parameter("blocks.3.attention.qkv.weight", [4, 4]);

function nodesOf(y: Tensor) {
  return writeModel({ name: "f", outputs: new Map([["y", y]]), target: "webgpu" }).nodes;
}

describe("gaps", () => {
  it("are none where the device computes everything, positions in int64 included", () => {
    const ids = input("ids", "int64", [3]);
    expect(gapsOf(nodesOf(lookup(linearProduct(x, w), ids)), "webgpu")).toEqual([]);
  });

  it("name node, layer, what is missing, and a remedy", () => {
    const h = linearProduct(x, w);
    const weights = parameter("blocks.3.mlp.fc1.weight", [4, 4], "int8");
    const scales = parameter("blocks.3.mlp.fc1.scales", [4]);
    const gaps = gapsOf(nodesOf(int8Product(h, weights, scales)), "webgpu");
    expect(gaps.map(({ node, ...rest }) => rest)).toEqual([
      {
        type: "DynamicQuantizeLinear",
        layer: "blocks.3.mlp.fc1",
        missing: "the operator DynamicQuantizeLinear",
        remedy: "Use --weights fp32, fp16 or int4, or --device cpu.",
        heavy: false,
      },
      {
        type: "MatMulInteger",
        layer: "blocks.3.mlp.fc1",
        missing: "the operator MatMulInteger",
        remedy: "Use --weights fp32, fp16 or int4, or --device cpu.",
        heavy: true,
      },
    ]);
    expect(gaps[1]!.node).toMatch(/MatMulInteger_\d+$/);
  });

  it("are found by element type, also of values inside an op", () => {
    const n = input("n", "int64", [4]);
    const gaps = gapsOf(
      nodesOf(add(cast(multiply(n, n), "float32"), linearProduct(x, w))),
      "webgpu",
    );
    expect(gaps.map(({ missing }) => missing)).toEqual(["Mul of int64", "Cast of int64"]);
    expect(gaps.every(({ heavy }) => !heavy)).toBe(true);
  });

  it("do not exist on the CPU", () => {
    const n = input("n", "int64", [4]);
    expect(gapsOf(nodesOf(multiply(n, n)), "cpu")).toEqual([]);
  });
});

describe("large values", () => {
  it("are found with the layer that makes them, the largest first, and once each", () => {
    const h = expand(linearProduct(x, w), [3, 2, 4]);
    const found = valuesAbove(nodesOf(concat([h, h], 0)), 64);
    expect(found.map(({ bytes, layer }) => [bytes, layer])).toEqual([
      [192, "blocks.3.attention.qkv"],
      [96, "blocks.3.attention.qkv"],
    ]);
  });

  it("are unknown where a size is only known in a run", () => {
    const some = input("some", "float32", [namedDim("n"), 1024]);
    expect(valuesAbove(nodesOf(add(some, 1)), 16)).toEqual([]);
  });
});
