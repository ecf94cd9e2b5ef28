import { describe, expect, it } from "vitest";
import { openDevice } from "../../runtime/device.ts";
import { compile } from "../../runtime/function.ts";
import type { Target } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { bytesOf } from "../onnx/messages.ts";
import { writeModel } from "../onnx/writer.ts";
import { linearProduct } from "./product.ts";
import { input } from "./source.ts";

const device = await openDevice("cpu");

/** x [rows, 3]·Wᵀ + bias with W [columns, 3] */
const product = (rows: number, columns: number): Tensor =>
  linearProduct(
    input("x", "float32", [rows, 3]),
    input("weight", "float32", [columns, 3]),
    input("bias", "float32", [columns]),
  );

const operators = (y: Tensor, target: Target): string[] =>
  writeModel({ name: "product", outputs: new Map([["y", y]]), target })
    .nodes.map(({ type }) => type)
    .filter((type) => type !== "Reshape");

describe("the bias of a product", () => {
  it("is added afterwards where the CPU kernel would write it into a large result alone", () => {
    expect(operators(product(512, 2048), "cpu")).toEqual(["Gemm", "Add"]);
    expect(operators(product(512, 2047), "cpu")).toEqual(["Gemm"]);
    expect(operators(product(512, 2048), "webgpu")).toEqual(["Gemm"]);
    expect(operators(product(512, 2048), "portable")).toEqual(["Gemm"]);
  });

  it.each([
    [512, 2048],
    [512, 2047],
    [2, 5],
  ])("is in every element of [%i, %i]", async (rows, columns) => {
    const fn = await compile(device, "product", { y: product(rows, columns) });
    // small whole numbers: every order of sums gives the same
    const x = Float32Array.from({ length: rows * 3 }, (_, i) => (i % 7) - 3);
    const weight = Float32Array.from({ length: columns * 3 }, (_, i) => (i % 5) - 2);
    const bias = Float32Array.from({ length: columns }, (_, i) => (i % 11) - 5);
    const { y } = await fn.run({ x, weight, bias });
    const wanted = Float32Array.from({ length: rows * columns }, (_, i) => {
      const row = 3 * Math.floor(i / columns);
      const column = 3 * (i % columns);
      const products = [0, 1, 2].map((k) => x[row + k]! * weight[column + k]!);
      return products.reduce((a, b) => a + b, bias[i % columns]!);
    });
    expect(y!.dims).toEqual([rows, columns]);
    // comparing a million elements one by one takes the runner seconds
    expect(Buffer.compare(bytesOf(y!.data), bytesOf(wanted))).toBe(0);
    await fn.release();
  });
});
