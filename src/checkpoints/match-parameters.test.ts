import { describe, expect, it } from "vitest";
import { matchParameters } from "./match-parameters.ts";
import { float32Tensor, type TensorData } from "./tensor-data.ts";

const expected = [
  { name: "head.weight", shape: [2, 3] },
  { name: "head.bias", shape: [2] },
];
const weight = float32Tensor([2, 3], new Float32Array(6).fill(1));
const bias: TensorData = { dtype: "float16", shape: [2], data: Uint16Array.of(0x3c00, 0xc000) };

describe("matching parameters", () => {
  it("gives float32 values in the model's order, whatever the file's dtype and order", () => {
    const found = new Map([
      ["head.bias", bias],
      ["head.weight", weight],
    ]);
    expect([...matchParameters(expected, found, { where: "file" })]).toEqual([
      ["head.weight", new Float32Array(6).fill(1)],
      ["head.bias", Float32Array.of(1, -2)],
    ]);
  });

  it("lists everything that is missing, wrong or too much in one error", () => {
    const found = new Map<string, TensorData>([
      ["head.weight", float32Tensor([3, 2], new Float32Array(6))],
      ["mask", bias],
      ["step", bias],
    ]);
    const ignore = (name: string) => name === "mask";
    expect(() => matchParameters(expected, found, { where: "m.safetensors", ignore })).toThrow(
      "m.safetensors: expected the 2 parameters of the model, got 1 missing: head.bias; " +
        "1 wrong: head.weight [3, 2] instead of [2, 3]; 1 surplus: step. " +
        "The file was made for another model or other sizes",
    );
  });

  it("takes no integers for parameters", () => {
    const found = new Map<string, TensorData>([
      ["head.weight", weight],
      ["head.bias", { dtype: "int32", shape: [2], data: new Int32Array(2) }],
    ]);
    expect(() => matchParameters(expected, found, { where: "file" })).toThrow(
      "1 wrong: head.bias int32 instead of float32",
    );
  });
});
