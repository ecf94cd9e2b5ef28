/** Masked compositions put together. */
import { traceLatentPixels } from "../decoding/latent-decoder.ts";
import { MaskedSampler } from "../decoding/masked-sampler.ts";
import { headOf, traceDenoising, tracePrediction } from "../decoding/masked-step.ts";
import { isGuided } from "../guidance/schedule.ts";
import { Scope } from "../nn/layer.ts";
import { maskedPredictor } from "../predictors/masked-encoder-decoder.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { type Base, sizeWords } from "./base.ts";
import type { MaskedComposition } from "./system.ts";

export const maskedBase: Base<MaskedComposition> = {
  predictorSpecs: (composition) => {
    const { predictor, conditioning, tokenizer } = composition;
    const scope = new Scope();
    // binding alone declares the parameters
    maskedPredictor({ ...predictor, tokens: tokenSizes(tokenizer), conditioning }).bind(scope);
    headOf(composition, scope);
    return scope.specs;
  },
  openSampler: (device, model, options) => MaskedSampler.create(device, model, options),
  tracePass: (composition, step) => {
    const { guidance, order } = composition;
    const { start: known, count: cells } = order.steps[step]!;
    const rows = isGuided(guidance, order.steps.length) ? 2 : 1;
    const { outputs } = tracePrediction(composition, rows, { known, cells });
    return { outputs: Object.values(outputs), cache: [], inPlace: false };
  },
  traceDraw: (composition, step) => {
    const { guidance, order, head } = composition;
    const rows = isGuided(guidance, order.steps.length) ? 2 : 1;
    const { outputs } = traceDenoising(composition, rows, order.steps[step]!.count);
    return { outputs: Object.values(outputs), times: head.steps };
  },
  tracePixels: ({ tokenizer }) => traceLatentPixels(tokenizer).pixels,
  describe: ({ tokenizer, predictor }) => {
    const { grid, channels } = tokenSizes(tokenizer);
    const { width, encoder, decoder } = predictor;
    return {
      tokenizer: `one map (${sizeWords(grid)}), vectors of ${channels}`,
      predictor: `masked encoder and decoder, depth ${encoder.depth} + ${decoder.depth}, width ${width}, ${encoder.heads} heads`,
    };
  },
};
