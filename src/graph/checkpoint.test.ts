import { describe, expect, it } from "vitest";
import { readOnnx } from "../../test/onnx/read-onnx.ts";
import { evaluate } from "../../test/ops/evaluate.ts";
import { random } from "../random/random.ts";
import { grad } from "./autodiff.ts";
import { checkpoint } from "./checkpoint.ts";
import type { Tensor } from "./node.ts";
import { writeModel } from "./onnx/writer.ts";
import { add, multiply } from "./ops/arithmetic.ts";
import { chunk } from "./ops/layout.ts";
import { linearProduct } from "./ops/product.ts";
import { mean } from "./ops/reduce.ts";
import { input, parameter } from "./ops/source.ts";
import { silu, square, tanh } from "./ops/unary.ts";

type Block = (...inputs: Tensor[]) => Tensor;
type Runner = (block: Block, inputs: Tensor[]) => Tensor;

const plain: Runner = (block, inputs) => block(...inputs);
const width = 6;
const x = input("x", "float32", [4, width]);
const noise = input("noise", "float32", [4, width]);

/** Blocks in a row that share a condition, which is itself made by a trained map. */
function network(run: Runner): { loss: Tensor; parameters: Map<string, Tensor> } {
  const parameters = new Map<string, Tensor>();
  const weight = (name: string, shape: number[]) => {
    const tensor = parameters.get(name) ?? parameter(name, shape);
    parameters.set(name, tensor);
    return tensor;
  };
  const steer = silu(linearProduct(x, weight("steer", [2 * width, width])));
  const block = (i: number) => (h: Tensor, condition: Tensor) => {
    const [gain, shift] = chunk(condition, 2, 1) as [Tensor, Tensor];
    const inner = tanh(linearProduct(add(h, shift), weight(`first${i}`, [8, width])));
    const outer = linearProduct(inner, weight(`second${i}`, [width, 8]));
    // read from the surroundings: a graph input, and a weight that all blocks share
    return add(h, multiply(multiply(outer, gain), multiply(noise, weight("shared", [width]))));
  };
  let h = linearProduct(x, weight("in", [width, width]));
  for (let i = 0; i < 3; i++) h = run(block(i), [h, steer]);
  return { loss: mean(square(h)), parameters };
}

function feeds(parameters: ReadonlyMap<string, Tensor>): Record<string, Float32Array> {
  const draw = ([name, { shape }]: [string, Tensor]) => {
    const count = (shape as number[]).reduce((a, b) => a * b, 1);
    return [name, random(1, name).normals(count)] as const;
  };
  return Object.fromEntries(
    [["x", x], ["noise", noise], ...parameters].map((e) => draw(e as never)),
  );
}

function outputs(run: Runner): { all: Record<string, Tensor>; parameters: Map<string, Tensor> } {
  const { loss, parameters } = network(run);
  const wrt = new Map([...parameters, ["x", x], ["noise", noise]] as [string, Tensor][]);
  const gradients = grad(loss, [...wrt.values()]);
  const named = [...wrt.keys()].map((name, i) => [`d ${name}`, gradients[i]!]);
  return { all: { loss, ...Object.fromEntries(named) }, parameters };
}

function operatorCount(run: Runner, type: string): number {
  const { all } = outputs(run);
  const { bytes } = writeModel({
    name: "network",
    outputs: new Map(Object.entries(all)),
    target: "portable",
  });
  return readOnnx(bytes).nodes.filter((node) => node.type === type).length;
}

describe("checkpoint", () => {
  it("changes neither the loss nor any gradient", async () => {
    const without = outputs(plain);
    const wanted = await evaluate(without.all, feeds(without.parameters));
    const { all, parameters } = outputs(checkpoint);
    const found = await evaluate(all, feeds(parameters), { keepRecomputation: true });
    expect(Object.keys(found)).toEqual(Object.keys(wanted));
    for (const [name, values] of Object.entries(wanted)) {
      values.forEach((value, i) => {
        expect(found[name]![i], name).toBeCloseTo(value, 5);
      });
    }
  });

  it("computes the inside of every block a second time, and nothing else", () => {
    expect(operatorCount(plain, "Tanh")).toBe(3);
    expect(operatorCount(checkpoint, "Tanh")).toBe(6);
    // what lies before the blocks is kept
    expect(operatorCount(checkpoint, "Sigmoid")).toBe(operatorCount(plain, "Sigmoid"));
  });

  it("counts a tensor once that is both an input and a parameter", async () => {
    const w = parameter("w", [2]);
    const [g] = grad(mean(checkpoint((a) => square(a!), [w])), [w]) as [Tensor];
    expect(await evaluate({ g }, { w: Float32Array.of(3, 5) })).toEqual({ g: [3, 5] });
  });

  it("nests", async () => {
    const w = parameter("w", [2]);
    const inner = (a: Tensor) => checkpoint((b) => multiply(square(b), w), [tanh(a)]);
    const loss = (run: Runner) => mean(run((a) => add(inner(a), a), [multiply(w, 2)]));
    const [wanted, found] = [plain, checkpoint].map((run) => grad(loss(run), [w])[0]!);
    const { a, b } = await evaluate(
      { a: wanted!, b: found! },
      { w: Float32Array.of(0.3, -0.5) },
      { keepRecomputation: true },
    );
    expect(b![0]).toBeCloseTo(a![0]!, 5);
    expect(b![1]).toBeCloseTo(a![1]!, 5);
  });

  it("may hand an input straight back", async () => {
    const w = parameter("w", [2]);
    const [g] = grad(mean(checkpoint((a) => a, [square(w)])), [w]) as [Tensor];
    expect(await evaluate({ g }, { w: Float32Array.of(3, 5) })).toEqual({ g: [3, 5] });
  });
});
