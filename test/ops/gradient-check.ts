/**
 * The gradient law: along a random direction d, (L(x + hd) − L(x − hd)) / 2h = ⟨∇L, d⟩, where L is
 * a random weighting of the results. Every differentiated input is moved by itself, so that a
 * wrong gradient of a small one cannot hide behind the others.
 */
import { grad } from "../../src/graph/autodiff.ts";
import type { Dtype, TypedArray } from "../../src/graph/dtype.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { add, multiply } from "../../src/graph/ops/arithmetic.ts";
import { reshape } from "../../src/graph/ops/layout.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { constant, input, parameter } from "../../src/graph/ops/source.ts";
import { random } from "../../src/random/random.ts";
import type { Device } from "../../src/runtime/device.ts";
import { compile } from "../../src/runtime/function.ts";
import type { HostTensor } from "../../src/runtime/handle.ts";

/** An input that is not differentiated. */
export interface FixedInput extends HostTensor {
  readonly dtype: Dtype;
}

export interface GradientCase {
  /** Shapes of the float inputs, which are differentiated. */
  readonly shapes: readonly (readonly number[])[];
  /** Further inputs, handed to `build` after the float ones. */
  readonly fixed?: readonly FixedInput[];
  readonly build: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  /** Where the float inputs are drawn: centre and half-width; default 0 and 1. */
  readonly centre?: number;
  readonly spread?: number;
  /** h; default 3e-3, which balances the curvature of L against the rounding of float32. */
  readonly step?: number;
  /** The float inputs are parameters of the graph instead of inputs. */
  readonly parameters?: true;
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** A case as tensors, before anything is compiled. */
export interface TracedCase {
  /** The inputs that are differentiated. */
  readonly inputs: readonly Tensor[];
  readonly results: readonly Tensor[];
}

export function trace({ shapes, fixed = [], build, parameters }: GradientCase): TracedCase {
  const inputs = shapes.map((shape, i) =>
    parameters ? parameter(`x${i}`, shape) : input(`x${i}`, "float32", shape),
  );
  const others = fixed.map(({ dtype, dims }, i) => input(`fixed${i}`, dtype, dims));
  return { inputs, results: [build(...inputs, ...others)].flat() };
}

/** The float inputs of a case, the same for every device. */
export function drawInputs(name: string, test: GradientCase): Float32Array[] {
  const { shapes, centre = 0, spread = 1 } = test;
  return shapes.map((shape, i) => {
    const draws = random(name, "x", i).normals(count(shape));
    return draws.map((v) => centre + spread * Math.tanh(v));
  });
}

export type Feeds = Record<string, HostTensor>;

export function feedsOf(test: GradientCase, x: readonly TypedArray[]): Feeds {
  const floats = x.map((data, i) => [`x${i}`, { data, dims: test.shapes[i]! }]);
  const others = (test.fixed ?? []).map((tensor, i) => [`fixed${i}`, tensor]);
  return Object.fromEntries([...floats, ...others]) as Feeds;
}

/** Σ ⟨results, weights⟩ over the float results, with random weights. */
export function weightedSum(name: string, results: readonly Tensor[]): Tensor {
  const shares = results
    .filter(({ dtype }) => dtype === "float32")
    .map((result, i) => {
      const dims = result.shape as number[];
      const weights = random(name, "weights", i).normals(count(dims));
      return reshape(sum(multiply(result, constant(weights, dims))), []);
    });
  return shares.reduce((a, b) => add(a, b));
}

/** The largest error among the inputs, relative to the length of the input's gradient. */
export async function gradientError(
  device: Device,
  name: string,
  test: GradientCase,
): Promise<number> {
  const { inputs, results } = trace(test);
  const loss = weightedSum(name, results);
  const outputs: Record<string, Tensor> = { loss: add(loss, 0) };
  grad(loss, inputs).forEach((g, i) => {
    outputs[`g${i}`] = g;
  });
  const fn = await compile(device, name, outputs);
  const x = drawInputs(name, test);
  const run = (values: readonly Float32Array[]) => fn.run(feedsOf(test, values));
  const lossAt = async (values: readonly Float32Array[]) =>
    (await run(values)).loss!.data[0] as number;
  const middle = await run(x);
  const step = test.step ?? 3e-3;
  let worst = 0;
  for (const [i, values] of x.entries()) {
    const direction = random(name, "d", i).normals(values.length);
    const moved = (h: number) =>
      x.with(
        i,
        values.map((v, j) => v + h * direction[j]!),
      );
    const numeric = ((await lossAt(moved(step))) - (await lossAt(moved(-step)))) / (2 * step);
    const g = middle[`g${i}`]!.data as Float32Array;
    const analytic = g.reduce((total, v, j) => total + v * direction[j]!, 0);
    const scale = Math.max(Math.hypot(...g), Math.abs(numeric), 1e-3);
    worst = Math.max(worst, Math.abs(numeric - analytic) / scale);
  }
  await fn.release();
  return worst;
}
