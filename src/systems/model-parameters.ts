/** Which parameters a composition has, found by tracing it. */
import { type ParameterSpecs, Scope } from "../nn/layer.ts";
import { nextScalePredictor } from "../predictors/next-scale-predictor.ts";
import { scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import type { Composition } from "./system.ts";

/** Paths of a tokenizer's parameters begin with it; its own file leaves it out. */
export const TOKENIZER_PREFIX = "tokenizer.";

export interface ModelParameters {
  readonly transformer: ParameterSpecs;
  /** Paths begin with `TOKENIZER_PREFIX`. */
  readonly tokenizer: ParameterSpecs;
}

/** Nothing is allocated: a model of two billion parameters is traced in milliseconds. */
export function modelParameters(composition: Composition): ModelParameters {
  const tokenizer = new Scope();
  // binding alone declares the parameters
  scaleTokenizer(composition.tokenizer).bind(tokenizer.child("tokenizer"));
  const transformer = new Scope();
  nextScalePredictor({
    ...composition.predictor,
    order: composition.order,
    latentChannels: composition.tokenizer.latentChannels,
    conditioning: composition.conditioning,
  }).bind(transformer);
  return { transformer: transformer.specs, tokenizer: tokenizer.specs };
}
