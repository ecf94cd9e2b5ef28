/**
 * One step of next-token decoding as a graph that serves the prefix and every token after it: logits
 * on a key-value cache of fixed size, guidance, truncation and the draw.
 *
 * Axes: R branches, conditional then unconditional · S new rows · T rows of the cache · V codebook
 */
import type { CachePolicy } from "../caches/policy.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import { type Dim, namedDim } from "../graph/dim.ts";
import type { Dtype } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { equal, indicator } from "../graph/ops/compare.ts";
import { reshape } from "../graph/ops/layout.ts";
import { constant, input } from "../graph/ops/source.ts";
import { pad, slice } from "../graph/ops/window.ts";
import { candidates, draw, drawFromAll, guide } from "../heads/categorical.ts";
import { Scope } from "../nn/layer.ts";
import type { MatrixFormat } from "../nn/matrix-format.ts";
import type { Order } from "../orders/order.ts";
import { hiddenBias } from "../orders/visibility.ts";
import type { LlamaTransformerOptions } from "../predictors/llama-transformer.ts";
import { nextTokenPredictor, prefixLength } from "../predictors/next-token-predictor.ts";
import type { VqTokenizerOptions } from "../tokenizers/vq-tokenizer.ts";
import type { StepGraph } from "./step-functions.ts";
import { tokenCache } from "./token-cache.ts";

/** The parts that a step is made of. */
export interface TokenStepParts {
  readonly tokenizer: VqTokenizerOptions;
  readonly order: Order;
  readonly predictor: LlamaTransformerOptions;
  readonly conditioning: Conditioning;
  readonly cache: CachePolicy;
  /** In what format the predictor's matrices are kept, if not in float32. */
  readonly matrices?: { readonly format: MatrixFormat };
}

/** What a step is compiled for. */
export interface TokenStepVariant {
  readonly guided: boolean;
  readonly topK: number;
  /** Whether top-p may leave codes out; with all of them as candidates none need to be sorted. */
  readonly nucleus: boolean;
  /** Give the guided logits. */
  readonly logits: boolean;
  /** Element type of the cache; default float32. */
  readonly kept?: Dtype;
}

/** T, the rows of a sequence: the prefix, and all tokens but the last, which nothing reads. */
export function sequenceRows({ order, conditioning }: TokenStepParts): number {
  return prefixLength(conditioning) + order.tokenCount - 1;
}

/** @param rows S: named for the graph that serves all steps, a number to count operations. */
export function traceTokenStep(
  parts: TokenStepParts,
  { guided, topK, nucleus, logits: wanted, kept = "float32" }: TokenStepVariant,
  rows: Dim = namedDim("s"),
): StepGraph {
  const { order, cache, predictor, conditioning, tokenizer, matrices } = parts;
  const branches = guided ? 2 : 1;
  const length = sequenceRows(parts);
  const { heads, width } = predictor;
  const bound = nextTokenPredictor({
    ...predictor,
    order,
    grid: tokenizer.grid,
    conditioning,
  }).bind(new Scope("", undefined, matrices?.format));
  const outputs: Record<string, Tensor> = {};
  const stores = new Map<string, string>();
  const positions = input("positions", "int32", [rows]);
  const visible = input("visible", "float32", [1, 1, rows, length]);
  const inputs = conditioning.inputs(branches);
  const bias = attentionBias(visible, conditioning, inputs, positions);
  const rowsOf = { heads, width, branches, positions, kept };
  const options = { order, policy: cache, ...rowsOf, visible, bias };
  const logits = bound.step(
    {
      ids: input("read", "int32", [rows]),
      first: input("first", "float32", []),
      positions,
      last: input("last", "int32", [branches]),
    },
    bound.condition(inputs),
    tokenCache(options, { outputs, stores }),
  );
  const single = guided
    ? guide(slice(logits, 0, 0, 1), slice(logits, 0, 1, 2), input("guidance", "float32", []))
    : logits;
  const temperature = input("temperature", "float32", []);
  const uniforms = input("uniforms", "float32", [1, 1]);
  const sorted = () =>
    candidates(single, { topK, topP: input("topP", "float32", []), temperature });
  outputs.ids =
    topK === predictor.logits && !nucleus
      ? drawFromAll(single, temperature, uniforms)
      : draw(sorted(), uniforms);
  if (wanted) outputs.logits = single;
  return { outputs, stores };
}

/** What the rows may see, as the sampler says, without the rows of the prefix that pad. */
function attentionBias(
  visible: Tensor,
  conditioning: Conditioning,
  inputs: Readonly<Record<string, Tensor>>,
  positions: Tensor,
): Tensor {
  const [, , rows, length] = visible.shape as [number, number, Dim, number];
  const valid = conditioning.valid?.(inputs);
  if (!valid) return visible;
  const [branches, prefix] = valid.shape as [number, number];
  const padding = pad(multiply(subtract(1, valid), hiddenBias), 1, 0, length - prefix);
  const columns = constant(
    Int32Array.from({ length }, (_, i) => i),
    [1, length],
  );
  // a row that pads sees itself all the same, so that none is empty
  const others = subtract(1, indicator(equal(columns, reshape(positions, [rows, 1]))));
  return add(
    visible,
    multiply(reshape(padding, [branches, 1, 1, length]), reshape(others, [1, 1, rows, length])),
  );
}
