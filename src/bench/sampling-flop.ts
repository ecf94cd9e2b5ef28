/** Operations of drawing a picture, counted on the very graphs that draw it. */
import { traceStep } from "../decoding/next-scale-step.ts";
import { invariantTensors } from "../graph/invariant.ts";
import { input } from "../graph/ops/source.ts";
import { isGuided } from "../guidance/schedule.ts";
import { Scope } from "../nn/layer.ts";
import { offsets } from "../orders/scale-schedule.ts";
import type { Composition } from "../systems/system.ts";
import { scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import { forwardFlop } from "./flops.ts";

export interface SamplingFlop {
  /** Of each pass of the transformer. */
  readonly steps: readonly number[];
  /** Of the pixel decoder. */
  readonly decoder: number;
}

/** Products and convolutions of one picture, with guidance if the composition has it. */
export function samplingFlop(composition: Composition): SamplingFlop {
  const { tokenizer, order, guidance } = composition;
  const variant = {
    guided: isGuided(guidance, order.steps.length),
    topK: tokenizer.codebookSize,
    smooth: false,
    logits: false,
  };
  const fixed = new Set(Object.keys(composition.conditioning.feeds([null]).feeds));
  const starts = offsets(tokenizer.scales);
  const steps = order.steps.map(({ count }, k) => {
    const sizes = { tokens: count, cached: starts[k]! };
    const outputs = Object.values(traceStep(composition, variant, sizes).outputs);
    // what depends on the request alone is computed once, before the first step
    const there = k === 0 ? [] : invariantTensors(outputs, fixed);
    return forwardFlop(outputs, new Set(there));
  });
  const { height, width } = tokenizer.scales.at(-1)!;
  const feature = input("feature", "float32", [1, tokenizer.latentChannels, height, width]);
  const { pixels } = scaleTokenizer(tokenizer).bind(new Scope().child("tokenizer"));
  return { steps, decoder: forwardFlop([pixels(feature)]) };
}
