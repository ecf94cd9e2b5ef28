/** Which parameters a composition has, found by tracing it. */
import { type ParameterSpecs, Scope } from "../nn/layer.ts";
import { type TokenizerOptions, tokenizerOf } from "../tokenizers/tokenizer.ts";
import { baseOf } from "./bases.ts";
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
  return {
    transformer: baseOf(composition).predictorSpecs(composition),
    tokenizer: tokenizerSpecs(composition.tokenizer),
  };
}

/** Paths begin with `TOKENIZER_PREFIX`. */
export function tokenizerSpecs(options: TokenizerOptions): ParameterSpecs {
  const scope = new Scope();
  // binding alone declares the parameters
  tokenizerOf(options).bind(scope.child("tokenizer"));
  return scope.specs;
}
