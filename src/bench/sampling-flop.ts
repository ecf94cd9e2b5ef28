/** Operations of drawing a picture, counted on the very graphs that draw it. */
import { invariantTensors } from "../graph/invariant.ts";
import { baseOf } from "../systems/bases.ts";
import type { Composition } from "../systems/system.ts";
import { forwardFlop } from "./flops.ts";

export interface SamplingFlop {
  /** Of each pass of the transformer. */
  readonly steps: readonly number[];
  /** Of the pixel decoder. */
  readonly decoder: number;
}

/** Products and convolutions of one picture, with guidance if the composition has it. */
export function samplingFlop(composition: Composition): SamplingFlop {
  const base = baseOf(composition);
  const fixed = new Set(Object.keys(composition.conditioning.feeds([null]).feeds));
  const steps = composition.order.steps.map((_, k) => {
    const { outputs } = base.tracePass(composition, k);
    // what depends on the request alone is computed once, before the first step
    const there = k === 0 ? [] : invariantTensors(outputs, fixed);
    return forwardFlop(outputs, new Set(there));
  });
  return { steps, decoder: forwardFlop([base.tracePixels(composition)]) };
}
