/** One picture of a small VAR, from its first token to its pixels. */
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { countParameters, initialize } from "../nn/layer.ts";
import { emojiTokenizer } from "../recipes/emoji-tokenizer.ts";
import { emojiVar } from "../recipes/emoji-var.ts";
import type { Device } from "../runtime/device.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import { varSystem } from "../systems/var.ts";
import type { VarConfig } from "../systems/var-config.ts";
import { samplingFlop } from "./sampling-flop.ts";
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
  const sampler = await NextScaleSampler.create(device, model, { ...(profile && { profile }) });
  const { guidance, decoding, order } = composition;
  const { steps, decoder } = samplingFlop(composition);
  let pictures = 0;
  return {
    flop: steps.reduce((sum, flop) => sum + flop, decoder),
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
