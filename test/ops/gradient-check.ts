/**
 * The gradient law: along a random direction d, (L(x + hd) − L(x − hd)) / 2h = ⟨∇L, d⟩, where L is
 * a random weighting of the results.
 */
import { grad } from "../../src/graph/autodiff.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { add, multiply } from "../../src/graph/ops/arithmetic.ts";
import { constant, input } from "../../src/graph/ops/source.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { random } from "../../src/random/random.ts";
import type { Device } from "../../src/runtime/device.ts";
import { compile } from "../../src/runtime/function.ts";

export interface GradientCase {
  /** Shapes of the float inputs that are differentiated. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Where the inputs are drawn: centre and half-width; default 0 and 1. */
  readonly centre?: number;
  readonly spread?: number;
  readonly step?: number;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The relative error of the directional derivative. */
export async function gradientError(
  device: Device,
  name: string,
  { shapes, build, centre = 0, spread = 1, step = 3e-3 }: GradientCase,
): Promise<number> {
  const inputs = shapes.map((shape, i) => input(`x${i}`, "float32", shape));
  const result = build(...inputs);
  const size = product(result.shape as number[]);
  const weights = constant(random(name, "weights").normals(size), result.shape as number[]);
  const loss = sum(multiply(result, weights));
  const outputs: Record<string, Tensor> = { loss: add(loss, 0) };
  grad(loss, inputs).forEach((g, i) => {
    outputs[`g${i}`] = g;
  });
  const fn = await compile(device, name, outputs);
  const x = shapes.map((shape, i) =>
    random(name, "x", i).normals(product(shape)).map((v) => centre + spread * Math.tanh(v)),
  );
  const direction = shapes.map((shape, i) => random(name, "d", i).normals(product(shape)));
  const at = async (h: number) => {
    const feeds = x.map((values, i) => [`x${i}`, values.map((v, j) => v + h * direction[i]![j]!)]);
    return fn.run(Object.fromEntries(feeds));
  };
  const middle = await at(0);
  let analytic = 0;
  direction.forEach((d, i) => {
    const g = middle[`g${i}`]!.data as Float32Array;
    d.forEach((v, j) => {
      analytic += v * g[j]!;
    });
  });
  const plus = (await at(step)).loss!.data[0] as number;
  const minus = (await at(-step)).loss!.data[0] as number;
  await fn.release();
  const numeric = (plus - minus) / (2 * step);
  return Math.abs(numeric - analytic) / Math.max(1, Math.abs(numeric), Math.abs(analytic));
}
