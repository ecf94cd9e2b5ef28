/**
 * Transformer block of Llama (sheet llamagen, "GPT"):
 *
 *   x ← x + Attn(RMS(x))
 *   x ← x + MLP(RMS(x))
 *
 * Axes: B batch · S tokens · C width
 */
import { checkpoint } from "../graph/checkpoint.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import type { BranchFactors } from "./adaln-block.ts";
import { gatedFeedForward } from "./gated-feed-forward.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { rmsNorm } from "./rms-norm.ts";
import type { Rotation } from "./rope.ts";
import { type AttendedWhole, rotaryAttention } from "./rotary-attention.ts";
import type { Attended } from "./self-attention.ts";

export interface LlamaBlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Hidden width of the MLP. */
  readonly hidden: number;
  readonly init: Initializer;
  /** Compute the inside again in the backward pass instead of keeping it. */
  readonly rematerialize: boolean;
}

/** `factors` multiply the branches while training: dropout [B, S, C] or stochastic depth. */
type BlockArgs = [
  x: Tensor,
  rotation: Rotation,
  attended: Attended | AttendedWhole,
  factors?: BranchFactors,
];

/** x [B, S, C] → [B, S, C]. */
export function llamaBlock(options: LlamaBlockOptions): Layer<BlockArgs, Tensor> {
  const { width, heads, hidden, init, rematerialize } = options;
  const parts = {
    attentionNorm: rmsNorm(width),
    attention: rotaryAttention({ width, heads, init }),
    mlpNorm: rmsNorm(width),
    mlp: gatedFeedForward(width, hidden, init),
  };
  return layer(parts, (bound, x, rotation, attended, factors) => {
    const body = (input: Tensor): Tensor => {
      const seen = bound.attention(bound.attentionNorm(input), rotation, attended);
      const h = add(input, kept(seen, factors?.attention));
      return add(h, kept(bound.mlp(bound.mlpNorm(h)), factors?.mlp));
    };
    return rematerialize ? checkpoint(body, [x]) : body(x);
  });
}

function kept(branch: Tensor, factors: Tensor | undefined): Tensor {
  return factors ? multiply(branch, factors) : branch;
}
