/**
 * The Llama decoder of LlamaGen (sheet llamagen, "GPT"): blocks over input vectors with rotary
 * positions, and a head of RMS normalisation and one linear map. It knows nothing of tokens.
 *
 * Axes: B batch · S positions · C width · V logits
 */
import type { Tensor } from "../graph/node.ts";
import { type Initializer, normal, zero } from "../nn/initializers.ts";
import type { Layer } from "../nn/layer.ts";
import { layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { llamaBlock } from "../nn/llama-block.ts";
import { rmsNorm } from "../nn/rms-norm.ts";
import type { Rotation } from "../nn/rope.ts";
import type { AttendedWhole } from "../nn/rotary-attention.ts";
import type { Attended } from "../nn/self-attention.ts";
import type { TransformerCall } from "./adaln-transformer.ts";

export interface LlamaTransformerOptions {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  /** Hidden width of the MLPs. */
  readonly hidden: number;
  readonly logits: number;
  /** Compute the inside of every block again in the backward pass. */
  readonly rematerialize?: boolean;
}

/** All linear maps and embeddings start normal with σ = 0.02. */
export const llamaInit: Initializer = normal(0.02);

export interface LlamaTransformerCall extends Pick<TransformerCall, "factors"> {
  readonly attended: (block: number) => Attended | AttendedWhole;
  readonly rotation: Rotation;
  /** Cuts out the rows whose logits are wanted. */
  readonly select?: (hidden: Tensor) => Tensor;
}

/** x [B, S, C] → logits [B, S, V], or those of the selected rows. */
export function llamaTransformer(
  options: LlamaTransformerOptions,
): Layer<[x: Tensor, call: LlamaTransformerCall], Tensor> {
  const { depth, width, heads, hidden, logits, rematerialize = false } = options;
  const block = llamaBlock({ width, heads, hidden, init: llamaInit, rematerialize });
  const parts = {
    blocks: Array.from({ length: depth }, () => block),
    norm: rmsNorm(width),
    // a fresh model finds all tokens equally probable; a tenth of what a token reads, so that smaller
    // formats take the head too
    logits: linear({ inputs: width, outputs: logits, bias: false, init: zero }),
  };
  return layer(parts, ({ blocks, norm, logits }, x, call) => {
    const { rotation, attended, factors, select = (h: Tensor) => h } = call;
    const run = (h: Tensor, i: number) => blocks[i]!(h, rotation, attended(i), factors?.(i));
    return logits(norm(select(blocks.reduce((h, _, i) => run(h, i), x))));
  });
}
