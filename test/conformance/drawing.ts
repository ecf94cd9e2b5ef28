/** Sampling in tests: everything that a run of a sampler gives, at once. */
import type { PictureSampler, SamplingOptions } from "../../src/decoding/picture-sampler.ts";
import { constant } from "../../src/guidance/schedule.ts";
import type { Device } from "../../src/runtime/device.ts";
import { baseOf } from "../../src/systems/bases.ts";
import type { Composition } from "../../src/systems/system.ts";

export interface Drawn {
  /** Of each step; none where tokens are no codes. */
  readonly ids: Int32Array[];
  /** Guided logits of each step, [S, V]. */
  readonly logits: Float32Array[];
  /** The last picture, [3, H, W]. */
  readonly pixels: Float32Array;
}

/** Everything is kept, nothing is guided. */
export const plainly: Omit<SamplingOptions, "request" | "seed"> = {
  guidance: constant(1),
  topK: 0,
  topP: 1,
  temperature: 1,
};

export async function drawAll(
  sampler: PictureSampler,
  options: Pick<SamplingOptions, "request" | "seed"> & Partial<SamplingOptions>,
): Promise<Drawn> {
  const ids: Int32Array[] = [];
  const logits: Float32Array[] = [];
  let pixels = new Float32Array();
  for await (const step of sampler.run({ ...plainly, logits: true, ...options })) {
    if (step.ids) ids.push(step.ids);
    if (step.logits) logits.push(step.logits);
    if (step.step === step.steps - 1) pixels = Float32Array.from(await step.pixels());
  }
  return { ids, logits, pixels };
}

/** Rows `start` to `start + count` of a matrix with `width` columns. */
export function rows(
  matrix: Float32Array,
  { start, count }: { readonly start: number; readonly count: number },
  width: number,
): Float32Array {
  return matrix.subarray(start * width, (start + count) * width);
}

/** The sampler of any composition. */
export function openSampler(
  device: Device,
  composition: Composition,
  parameters: ReadonlyMap<string, Float32Array>,
): Promise<PictureSampler> {
  const model = { ...composition, parameters };
  return baseOf(model).openSampler(device, model, undefined);
}
