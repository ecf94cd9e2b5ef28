/** Next-token compositions put together. */
import { traceGridPixels } from "../decoding/grid-decoder.ts";
import { NextTokenSampler } from "../decoding/next-token-sampler.ts";
import { traceTokenStep } from "../decoding/next-token-step.ts";
import { isGuided } from "../guidance/schedule.ts";
import { Scope } from "../nn/layer.ts";
import { nextTokenPredictor, prefixLength } from "../predictors/next-token-predictor.ts";
import type { Base } from "./base.ts";
import type { NextTokenComposition } from "./system.ts";

export const nextTokenBase: Base<NextTokenComposition> = {
  predictorSpecs: ({ predictor, order, tokenizer, conditioning }) => {
    const scope = new Scope();
    // binding alone declares the parameters
    nextTokenPredictor({ ...predictor, order, grid: tokenizer.grid, conditioning }).bind(scope);
    return scope.specs;
  },
  openSampler: (device, model, options) => NextTokenSampler.create(device, model, options),
  tracePass: (composition, step) => {
    const { order, decoding, tokenizer, guidance, conditioning } = composition;
    const variant = {
      guided: isGuided(guidance, order.steps.length),
      topK: Math.min(decoding.topK || tokenizer.codebookSize, tokenizer.codebookSize),
      nucleus: decoding.topP < 1,
      logits: false,
    };
    const rows = step === 0 ? prefixLength(conditioning) : 1;
    const { outputs, stores } = traceTokenStep(composition, variant, rows);
    const cache = [...stores.keys()].map((name) => outputs[name]!);
    return { outputs: Object.values(outputs), cache, inPlace: true };
  },
  tracePixels: ({ tokenizer }) => traceGridPixels(tokenizer).pixels,
  describe: ({ tokenizer: { grid, codebookSize, codeChannels }, predictor }) => ({
    tokenizer: `one map of ${grid.height}x${grid.width}, ${codebookSize} codes of ${codeChannels}`,
    predictor: `Llama transformer, depth ${predictor.depth}, width ${predictor.width}, ${predictor.heads} heads`,
  }),
};
