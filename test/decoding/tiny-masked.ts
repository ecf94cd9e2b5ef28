/** A masked model of a few thousand weights: 16×16 pictures as 16 tokens of 8 numbers. */
import { classLabels } from "../../src/conditioning/class-labels.ts";
import type { MaskedModel } from "../../src/decoding/masked-sampler.ts";
import { diffusionMlp } from "../../src/heads/diffusion-mlp.ts";
import { type ParameterSpecs, Scope } from "../../src/nn/layer.ts";
import { maskedInit, maskedPredictor } from "../../src/predictors/masked-encoder-decoder.ts";
import {
  type KlAutoencoderOptions,
  klAutoencoder,
  tokenSizes,
} from "../../src/tokenizers/kl-autoencoder.ts";
import { wildParameters } from "../conformance/tiny-systems.ts";

/** Two levels, so that a cell is 2×2 pixels, and tokens of 2×2 cells. */
export const tinyKl: KlAutoencoderOptions = {
  channels: 4,
  multipliers: [1, 2],
  encoderBlocks: 1,
  decoderBlocks: 1,
  latentChannels: 2,
  groups: 2,
  patchSize: 1,
  attention: true,
  height: 8,
  width: 8,
  cellsPerToken: 2,
  latentScale: 0.5,
};

const sizes = {
  tokenizer: tinyKl,
  tokens: tokenSizes(tinyKl),
  predictor: {
    width: 16,
    encoder: { depth: 1, heads: 2 },
    decoder: { depth: 2, heads: 4 },
    classSlots: 3,
  },
  head: { width: 12, depth: 2 },
  conditioning: classLabels({ classes: 3, width: 16, init: maskedInit, separateNull: true }),
  steps: 5,
  diffusionSteps: 4,
};

export function tinyMaskedSpecs(): ParameterSpecs {
  const { tokenizer, tokens, predictor, head, conditioning } = sizes;
  const scope = new Scope();
  maskedPredictor({ ...predictor, tokens, conditioning }).bind(scope);
  const channels = tokens.channels;
  diffusionMlp({ ...head, channels, condition: predictor.width }).bind(scope.child("head"));
  klAutoencoder(tokenizer).bind(scope.child("tokenizer"));
  return scope.specs;
}

/** With weights far from where training starts. */
export function tinyMasked(): MaskedModel {
  return { ...sizes, parameters: wildParameters(tinyMaskedSpecs(), 1) };
}
