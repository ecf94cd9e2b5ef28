/** Runs a case on a device. */
import { grad } from "../../src/graph/autodiff.ts";
import type { Tensor } from "../../src/graph/node.ts";
import type { Device } from "../../src/runtime/device.ts";
import { type CompileOptions, compile } from "../../src/runtime/function.ts";
import type { HostTensor } from "../../src/runtime/handle.ts";
import { drawInputs, feedsOf, trace, weightedSum } from "./gradient-check.ts";
import type { OpCase } from "./op-case.ts";
import { type Plain, plain } from "./plain.ts";

/** The outputs that a run of the case fetches: results `y0…`, and gradients `g0…` on request. */
export function outputsOf(test: OpCase, gradients: boolean): Record<string, Tensor> {
  const { inputs, results } = trace(test);
  const outputs: Record<string, Tensor> = {};
  results.forEach((result, i) => {
    outputs[`y${i}`] = result;
  });
  if (!gradients || !hasGradient(test)) return outputs;
  grad(weightedSum(test.name, results), inputs).forEach((g, i) => {
    outputs[`g${i}`] = g;
  });
  return outputs;
}

export function hasGradient(test: OpCase): boolean {
  const floats = trace(test).results.some(({ dtype }) => dtype === "float32");
  return floats && test.shapes.length > 0 && test.op.gradient !== null;
}

export async function runCase(
  device: Device,
  test: OpCase,
  { gradients = false, ...options }: CompileOptions & { readonly gradients?: boolean } = {},
): Promise<Record<string, HostTensor>> {
  const fn = await compile(device, test.name, outputsOf(test, gradients), options);
  try {
    return await fn.run(feedsOf(test, drawInputs(test.name, test)));
  } finally {
    await fn.release();
  }
}

/** All inputs of a case as plain numbers. */
export function plainInputs(test: OpCase): Plain[] {
  const floats = drawInputs(test.name, test).map((data, i) => plain(data, test.shapes[i]!));
  return [...floats, ...(test.fixed ?? []).map(({ data, dims }) => plain(data, dims))];
}

/** The largest difference, relative to values above 1; infinite where lengths or NaNs differ. */
export function largestError(
  actual: ArrayLike<number | bigint>,
  wanted: ArrayLike<number | bigint>,
): number {
  if (actual.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(actual[i]), Number(wanted[i])];
    const error = Object.is(a, b) || a === b ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b));
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst;
}
