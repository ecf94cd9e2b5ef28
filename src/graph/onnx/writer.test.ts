import { describe, expect, it } from "vitest";
import { checkOnnx } from "../../../test/onnx/check-onnx.ts";
import { readOnnx } from "../../../test/onnx/read-onnx.ts";
import { cases } from "../../../test/ops/cases.ts";
import { evaluate } from "../../../test/ops/evaluate.ts";
import { outputsOf } from "../../../test/ops/run-case.ts";
import { ConfigError, ShapeError } from "../../errors.ts";
import { type Dim, namedDim } from "../dim.ts";
import type { Target } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { add, divide, multiply } from "../ops/arithmetic.ts";
import { concat, reshape } from "../ops/layout.ts";
import { linearProduct } from "../ops/product.ts";
import { constant, input, parameter, scalar } from "../ops/source.ts";
import { stopGradient } from "../ops/stop-gradient.ts";
import { gelu, silu, tanh } from "../ops/unary.ts";
import { type ModelDescription, writeModel } from "./writer.ts";

const x = input("x", "float32", [2, 3]);

function write(
  outputs: Record<string, Tensor>,
  options: Partial<ModelDescription> = {},
): ReturnType<typeof readOnnx> {
  const description = { name: "test", target: "portable" as Target, ...options };
  return readOnnx(writeModel({ ...description, outputs: new Map(Object.entries(outputs)) }).bytes);
}

const types = (model: ReturnType<typeof readOnnx>) => model.nodes.map(({ type }) => type);

describe("written models keep the rules of ONNX", () => {
  const targets: Target[] = ["portable", "cpu", "webgpu"];

  it.each(cases.map((test) => [test.name, test] as const))("%s", (_, test) => {
    for (const target of targets) {
      expect(checkOnnx(write(outputsOf(test, true), { target })), target).toEqual([]);
    }
  });

  it("portable ones in the default domain alone", () => {
    for (const test of cases) {
      expect([...write(outputsOf(test, true)).opsets.keys()]).toEqual([""]);
    }
    const fast = write({ y: silu(gelu(x)) }, { target: "cpu" });
    expect(fast.opsets.get("com.microsoft")).toBe(1);
  });

  it("also with a stop output", () => {
    const model = write({ y: tanh(x) }, { stopOutput: "stop" });
    expect(checkOnnx(model)).toEqual([]);
    expect(model.outputs.map(({ name, kind }) => [name, kind])).toEqual([
      ["stop", "sequence"],
      ["y", "tensor"],
    ]);
  });
});

describe("the checker itself", () => {
  const good = write({ y: tanh(x) });
  const node = good.nodes[0]!;

  it.each([
    ["a value made twice", { nodes: [node, { ...node, name: "again" }] }, "y is made twice"],
    ["a value that is not there", { inputs: [] }, "Tanh_0 reads x before it is made"],
    ["a result that is not made", { nodes: [] }, "result y is not made"],
    ["an unknown operator", { nodes: [{ ...node, type: "Tan" }] }, 'no operator Tan in domain ""'],
    ["too many inputs", { nodes: [{ ...node, inputs: ["x", "x"] }] }, "Tanh_0: 2 inputs"],
    ["a domain without import", { opsets: new Map() }, 'domain "" is not imported'],
    [
      "an unknown attribute",
      { nodes: [{ ...node, attributes: new Map([["axis", { type: "int", value: 1 } as const]]) }] },
      "attribute axis is int, not undefined",
    ],
  ])("finds %s", (_, change, problem) => {
    expect(checkOnnx(good)).toEqual([]);
    expect(checkOnnx({ ...good, ...change }).join()).toContain(problem);
  });
});

describe("writeModel", () => {
  it("names producer, graph, versions, inputs and results with their dims", () => {
    const n = namedDim("n");
    const a = input("a", "float32", [n, 4]);
    const b = input("b", "float32", [2, 4]);
    expect(write({ y: concat([a, b], 0) })).toMatchObject({
      irVersion: 10,
      producer: "ordo",
      name: "test",
      inputs: [
        { name: "a", dtype: 1, dims: ["n", 4] },
        { name: "b", dtype: 1, dims: [2, 4] },
      ],
      outputs: [{ name: "y", dtype: 1, dims: ["n + 2", 4] }],
    });
  });

  it("gives results their names where they are made", () => {
    const h = tanh(x);
    const model = write({ h, y: multiply(h, h) });
    expect(types(model)).toEqual(["Tanh", "Mul"]);
    expect(model.nodes[1]!.outputs).toEqual(["y"]);
  });

  it("copies only what has no node of its own", () => {
    const h = tanh(x);
    expect(types(write({ h, again: h, same: stopGradient(h) }))).toEqual([
      "Tanh",
      "Identity",
      "Identity",
    ]);
    expect(types(write({ y: x }))).toEqual(["Identity"]);
    expect(types(write({ y: stopGradient(tanh(x)) }))).toEqual(["Tanh"]);
  });

  it("leaves out what no result needs", () => {
    gelu(x);
    expect(types(write({ y: tanh(x) }))).toEqual(["Tanh"]);
  });

  it("writes equal constants once, and tells zeros of different sign apart", async () => {
    const model = write({ y: add(multiply(x, 2), multiply(tanh(x), 2)) });
    expect(model.initializers).toHaveLength(1);
    const [plus, minus] = [divide(1, scalar(0)), divide(1, scalar(-0))];
    expect(await evaluate({ plus, minus })).toEqual({
      plus: [Number.POSITIVE_INFINITY],
      minus: [Number.NEGATIVE_INFINITY],
    });
  });

  it("compares large constants by identity, without reading them", () => {
    const large = new Float32Array(5000);
    const twice = [large, large, large.slice()].map((data) => constant(data, [5000]));
    expect(write({ y: twice.reduce((a, b) => add(a, b)) }).initializers).toHaveLength(2);
  });

  it("makes parameters constants or inputs, as it is told", () => {
    const w = parameter("w", [4, 3]);
    const b = parameter("b", [4]);
    const constants = new Map([["w", new Float32Array(12)]]);
    const model = write({ y: linearProduct(x, w, b) }, { constants });
    expect(model.inputs.map(({ name }) => name)).toEqual(["x", "b"]);
    expect(model.initializers).toMatchObject([{ dims: [4, 3] }]);
    expect(() =>
      write({ y: linearProduct(x, w) }, { constants: new Map([["w", new Float32Array(7)]]) }),
    ).toThrow(new ShapeError({ where: "w", expected: "12 values for [4, 3]", got: "7" }));
  });

  it("names nodes after the parameter that they read", () => {
    const w = parameter("blocks.3.fc1.weight", [4, 3]);
    const names = write({ y: linearProduct(x, w) }).nodes.map(({ name }) => name);
    expect(names).toEqual([expect.stringMatching(/^blocks\.3\.fc1\.weight\/Gemm_/)]);
  });

  it("puts a large matrix first where it is not packed beforehand and vectors are few", () => {
    const w = parameter("w", [4, 3]);
    const written = (rows: Dim, options: Partial<ModelDescription> = {}) =>
      types(write({ y: linearProduct(input("x", "float32", [rows, 3]), w) }, options));
    const first = ["Gemm", "Transpose"];
    expect(written(2, { unpacked: true, target: "cpu" })).toEqual(first);
    for (const rows of [5, namedDim("n")]) {
      expect(written(rows, { unpacked: true, target: "cpu" })).toEqual(["Gemm"]);
    }
    expect(written(2, { target: "cpu" })).toEqual(["Gemm"]);
  });

  it("takes any name for inputs and results, even those it would choose itself", async () => {
    const [t0, c1] = [input("t0", "float32", [2]), parameter("c1", [2])];
    const t2 = multiply(add(add(t0, c1), 3), 5);
    const feeds = { t0: Float32Array.of(1, 2), c1: Float32Array.of(10, 20) };
    expect(checkOnnx(write({ t2, stop: add(t2, 1) }))).toEqual([]);
    expect(await evaluate({ t2, stop: add(t2, 1) }, feeds)).toEqual({
      t2: [70, 125],
      stop: [71, 126],
    });
  });

  it("refuses a result that is called like an input", () => {
    expect(() => write({ x: tanh(x) })).toThrow(ConfigError);
    expect(() => write({ x: tanh(x) })).toThrow(
      "test: expected results with other names than the inputs, got x",
    );
  });

  it("reads an input of one name as one value, and refuses two that differ", () => {
    const again = input("x", "float32", [2, 3]);
    expect(write({ y: add(x, again) }).inputs).toHaveLength(1);
    const other = reshape(input("x", "float32", [3, 2]), [2, 3]);
    expect(() => write({ y: add(x, other) })).toThrow(
      "x: expected float32 [2, 3] as in another place of the graph, got float32 [3, 2]",
    );
  });
});
