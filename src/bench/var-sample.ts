/** One picture of a small VAR, from its first token to its pixels. */
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { traceStep } from "../decoding/next-scale-step.ts";
import { input } from "../graph/ops/source.ts";
import { countParameters, initialize, Scope } from "../nn/layer.ts";
import { offsets } from "../orders/scale-schedule.ts";
import { emojiTokenizer } from "../recipes/emoji-tokenizer.ts";
import { emojiVar } from "../recipes/emoji-var.ts";
import type { Device } from "../runtime/device.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import type { Composition } from "../systems/system.ts";
import { varSystem } from "../systems/var.ts";
import type { VarConfig } from "../systems/var-config.ts";
import { scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import { forwardFlop } from "./flops.ts";
import type { BenchTarget, Workload, WorkloadOptions } from "./workload.ts";

/** The sizes of the shipped model; the weights are random, which costs the same. */
export const varSampleSizes: VarConfig = {
  ...emojiVar.sizes,
  conditioning: { kind: "classes", classes: 10 },
  tokenizer: emojiTokenizer.tokenizer,
};

export const varSample: BenchTarget = {
  name: "var-sample",
  summary: "one 64×64 picture of a VAR with the sizes of emoji-var, with guidance",
  bars: {},
  open: (device, options) => openVarSample(device, varSampleSizes, options),
};

export async function openVarSample(
  device: Device,
  config: VarConfig,
  { profile }: WorkloadOptions = {},
): Promise<Workload> {
  const composition = varSystem.compose(config, {});
  const { transformer, tokenizer } = modelParameters(composition);
  const specs = new Map([...tokenizer, ...transformer]);
  const model = { ...composition, parameters: initialize(specs, 1) };
  const sampler = await NextScaleSampler.create(device, model, profile);
  const { guidance, decoding, order } = composition;
  let pictures = 0;
  return {
    flop: samplingFlop(composition),
    facts: {
      parameters: countParameters(specs),
      tokens: order.tokenCount,
      passes: order.steps.length,
    },
    run: async () => {
      const steps = sampler.run({ request: 1, seed: pictures++, guidance, ...decoding });
      for await (const step of steps) {
        if (step.step === step.steps - 1) await step.pixels();
      }
    },
    endProfiling: () => sampler.endProfiling(),
    close: () => sampler.close(),
  };
}

/** Products and convolutions of all passes under guidance, and of the pixel decoder. */
function samplingFlop(composition: Composition): number {
  const { tokenizer, order } = composition;
  const variant = { guided: true, topK: tokenizer.codebookSize, smooth: false, logits: false };
  const starts = offsets(tokenizer.scales);
  const passes = order.steps.map(({ count }, k) => {
    const sizes = { tokens: count, cached: starts[k]! };
    return forwardFlop(Object.values(traceStep(composition, variant, sizes).outputs));
  });
  const { height, width } = tokenizer.scales.at(-1)!;
  const feature = input("feature", "float32", [1, tokenizer.latentChannels, height, width]);
  const { pixels } = scaleTokenizer(tokenizer).bind(new Scope().child("tokenizer"));
  return passes.reduce((sum, flop) => sum + flop, forwardFlop([pixels(feature)]));
}
