/**
 * One step of next-scale decoding as a graph that serves all scales: logits on a key-value cache,
 * guidance, truncation and the draw.
 *
 * Axes: R rows, conditional then unconditional · h, w size of the map · S = h·w new tokens · P cached
 * tokens · V codebook
 */
import type { Conditioning } from "../conditioning/conditioning.ts";
import { type Dim, namedDim } from "../graph/dim.ts";
import type { Dtype } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { cast } from "../graph/ops/compare.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import { candidates, draw, guide } from "../heads/categorical.ts";
import { smoothCodes } from "../heads/smooth-codes.ts";
import { Scope } from "../nn/layer.ts";
import type { MatrixFormat } from "../nn/matrix-format.ts";
import type { Order } from "../orders/order.ts";
import type { AdaLnTransformerOptions } from "../predictors/adaln-transformer.ts";
import { nextScalePredictor } from "../predictors/next-scale-predictor.ts";
import { type ScaleTokenizerOptions, scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import type { StepGraph } from "./step-functions.ts";

/** The parts that a step is made of. */
export interface StepParts {
  readonly tokenizer: ScaleTokenizerOptions;
  readonly order: Order;
  readonly predictor: AdaLnTransformerOptions;
  readonly conditioning: Conditioning;
  /** In what format the predictor's matrices are kept, if not in float32. */
  readonly matrices?: { readonly format: MatrixFormat };
}

/** What a step is compiled for. */
export interface StepVariant {
  readonly guided: boolean;
  readonly topK: number;
  /** Give mixtures of codes besides the ids. */
  readonly smooth: boolean;
  /** Give the guided logits. */
  readonly logits: boolean;
  /** Element type of the cache; default float32. */
  readonly kept?: Dtype;
}

/** New and cached tokens: named for the graph that serves all steps, numbers to count operations. */
export interface StepSizes {
  readonly tokens: Dim;
  readonly cached: Dim;
}

const named: StepSizes = { tokens: namedDim("s"), cached: namedDim("p") };

/** One step for all rows at once: logits, guidance, truncation, draw, and the longer caches. */
export function traceStep(
  { order, predictor, conditioning, tokenizer, matrices }: StepParts,
  { guided, topK, smooth, logits: wanted, kept = "float32" }: StepVariant,
  { tokens: s, cached: p }: StepSizes = named,
): StepGraph {
  const rows = guided ? 2 : 1;
  const size = predictor.width / predictor.heads;
  const bound = nextScalePredictor({
    ...predictor,
    order,
    latentChannels: tokenizer.latentChannels,
    conditioning,
  }).bind(new Scope("", undefined, matrices?.format));
  const outputs: Record<string, Tensor> = {};
  const stores = new Map<string, string>();
  const extended = (name: string, added: Tensor): Tensor => {
    const before = input(name, kept, [rows, predictor.heads, p, size]);
    const longer = concat([before, cast(added, kept)], 2);
    outputs[`new ${name}`] = longer;
    stores.set(`new ${name}`, name);
    return cast(longer, "float32");
  };
  const { latentChannels } = tokenizer;
  const map = input("inputs", "float32", [1, namedDim("h"), namedDim("w"), latentChannels]);
  const logits = bound.step(
    {
      inputs: reshape(map, [1, s, latentChannels]),
      first: input("first", "float32", []),
      positions: input("positions", "int32", [s]),
      levels: input("levels", "int32", [s]),
    },
    bound.condition(conditioning.inputs(rows)),
    {
      attended: (block) => ({
        extend: (keys, values) => ({
          keys: extended(`keys${block}`, keys),
          values: extended(`values${block}`, values),
        }),
      }),
    },
  );
  const single = guided
    ? guide(slice(logits, 0, 0, 1), slice(logits, 0, 1, 2), input("guidance", "float32", []))
    : logits;
  const perToken = reshape(single, [s, predictor.logits]);
  const best = candidates(perToken, {
    topK,
    topP: input("topP", "float32", []),
    temperature: input("temperature", "float32", []),
  });
  outputs.ids = draw(best, input("uniforms", "float32", [s, 1]));
  if (smooth) {
    const { codebook } = scaleTokenizer(tokenizer).bind(new Scope().child("tokenizer")).quantizer;
    outputs.codes = smoothCodes(best, codebook, {
      noise: input("gumbel", "float32", [s, tokenizer.codebookSize]),
      sharpness: input("sharpness", "float32", []),
      temperature: input("smoothTemperature", "float32", []),
    });
  }
  if (wanted) outputs.logits = perToken;
  return { outputs, stores, chains: cacheChains(predictor) };
}

/** Names of the caches, keys and values apart, in the order in which blocks make them longer. */
export function cacheChains({ depth }: Pick<AdaLnTransformerOptions, "depth">): string[][] {
  const blocks = Array.from({ length: depth }, (_, block) => block);
  return ["keys", "values"].map((kind) => blocks.map((block) => `${kind}${block}`));
}
