/** Runs what a law speaks about: a result, and the gradients of a random weighting of it. */
import { grad } from "../../src/graph/autodiff.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { multiply } from "../../src/graph/ops/arithmetic.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { constant, input } from "../../src/graph/ops/source.ts";
import { random } from "../../src/random/random.ts";
import { openDevice } from "../../src/runtime/device.ts";
import { compile } from "../../src/runtime/function.ts";

const device = openDevice("cpu");

const size = (dims: readonly number[]) => dims.reduce((product, length) => product * length, 1);

export function draw(name: string, dims: readonly number[]): Float32Array {
  return random(name).normals(size(dims));
}

export interface Run {
  readonly y: Float32Array;
  readonly dims: readonly number[];
  readonly weights: Float32Array;
  readonly loss: number;
  /** Of Σ y ⊙ weights, one for each input. */
  readonly gradients: readonly Float32Array[];
}

/** y = build(inputs), and the gradients of a random weighting of y. */
export async function run(
  inputs: readonly { readonly dims: readonly number[]; readonly data: Float32Array }[],
  build: (...inputs: Tensor[]) => Tensor,
): Promise<Run> {
  const tensors = inputs.map(({ dims }, i) => input(`x${i}`, "float32", dims));
  const y = build(...tensors);
  const dims = y.shape as number[];
  const weights = draw("weights", dims);
  const loss = sum(multiply(y, constant(weights, dims)));
  const gradients = grad(loss, tensors).map((g, i) => [`g${i}`, g] as const);
  const fn = await compile(await device, "law", { y, loss, ...Object.fromEntries(gradients) });
  const results = await fn.run(Object.fromEntries(inputs.map(({ data }, i) => [`x${i}`, data])));
  await fn.release();
  const data = (name: string) => results[name]!.data as Float32Array;
  return {
    y: data("y"),
    dims,
    weights,
    loss: data("loss")[0]!,
    gradients: gradients.map(([name]) => data(name)),
  };
}
