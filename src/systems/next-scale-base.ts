/** Next-scale compositions put together. */
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { traceStep } from "../decoding/next-scale-step.ts";
import { input } from "../graph/ops/source.ts";
import { isGuided } from "../guidance/schedule.ts";
import { Scope } from "../nn/layer.ts";
import { nextScalePredictor } from "../predictors/next-scale-predictor.ts";
import { scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import { type Base, sizeWords } from "./base.ts";
import type { NextScaleComposition } from "./system.ts";

export const nextScaleBase: Base<NextScaleComposition> = {
  predictorSpecs: ({ predictor, order, tokenizer, conditioning }) => {
    const scope = new Scope();
    // binding alone declares the parameters
    nextScalePredictor({
      ...predictor,
      order,
      latentChannels: tokenizer.latentChannels,
      conditioning,
    }).bind(scope);
    return scope.specs;
  },
  openSampler: (device, model, options) => NextScaleSampler.create(device, model, options),
  tracePass: (composition, step) => {
    const { order, decoding, tokenizer, guidance } = composition;
    const { start, count } = order.steps[step]!;
    const variant = {
      guided: isGuided(guidance, order.steps.length),
      topK: Math.min(decoding.topK || tokenizer.codebookSize, tokenizer.codebookSize),
      smooth: false,
      logits: false,
    };
    const { outputs, stores } = traceStep(composition, variant, { tokens: count, cached: start });
    const cache = [...stores.keys()].map((name) => outputs[name]!);
    return { outputs: Object.values(outputs), cache, inPlace: false };
  },
  tracePixels: ({ tokenizer }) => {
    const { height, width } = tokenizer.scales.at(-1)!;
    const feature = input("feature", "float32", [1, tokenizer.latentChannels, height, width]);
    return scaleTokenizer(tokenizer).bind(new Scope().child("tokenizer")).pixels(feature);
  },
  describe: ({ tokenizer: { scales, codebookSize, latentChannels }, predictor }) => ({
    tokenizer: `${scales.length} maps (${scales.map(sizeWords).join(" ")}), ${codebookSize} codes of ${latentChannels}`,
    predictor: `AdaLN transformer, depth ${predictor.depth}, width ${predictor.width}, ${predictor.heads} heads`,
  }),
};
