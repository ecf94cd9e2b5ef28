/**
 * What a base gives to whoever works with a composition on it, without knowing which it is: the parts
 * put together as parameters, as a sampler, and as graphs to measure.
 */
import type { PictureSampler, SamplerOptions } from "../decoding/picture-sampler.ts";
import type { StepWeights } from "../decoding/step-functions.ts";
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import type { ParameterSpecs } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import type { Composition } from "./system.ts";

/** One pass of the sampler, traced for its real sizes. */
export interface PassGraph {
  readonly outputs: readonly Tensor[];
  /** Those of them that the next pass reads: keys and values. */
  readonly cache: readonly Tensor[];
  /** Whether the cache is written where it lies. */
  readonly inPlace: boolean;
}

/** What draws the tokens of a step out of noise, traced for its real sizes. */
export interface DrawGraph {
  readonly outputs: readonly Tensor[];
  /** How often it runs in each step. */
  readonly times: number;
}

export interface Base<C extends Composition = Composition> {
  /** Parameters of everything but the tokenizer, by tracing; nothing is allocated. */
  predictorSpecs(composition: C): ParameterSpecs;
  openSampler(
    device: Device,
    model: C & StepWeights,
    options?: SamplerOptions,
  ): Promise<PictureSampler>;
  /** The pass that makes step `step`, with guidance if the composition has it. */
  tracePass(composition: C, step: number): PassGraph;
  /** What runs after that pass to draw its tokens; absent where the pass draws them itself. */
  traceDraw?(composition: C, step: number): DrawGraph;
  /** What makes pixels of all tokens. */
  tracePixels(composition: C): Tensor;
  /** What tokenizer and predictor say of themselves, in a few words. */
  describe(composition: C): { readonly tokenizer: string; readonly predictor: string };
}

/** Sizes as `16` or `16x12`. */
export function sizeWords({ height, width }: { height: Dim; width: Dim }): string {
  return height === width ? String(height) : `${height}x${width}`;
}
