/**
 * Transformer block of the ViT (Dosovitskiy et al. 2021), where every token sees every other one:
 *
 *   x ← x + Attn(LN(x))
 *   x ← x + MLP(LN(x))
 *
 * Axes: B batch · S tokens · C width · H heads
 */
import { ConfigError } from "../errors.ts";
import { checkpoint } from "../graph/checkpoint.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { attention } from "../graph/ops/attention.ts";
import { matmul } from "../graph/ops/product.ts";
import { softmax } from "../graph/ops/softmax.ts";
import { exactGelu } from "../graph/ops/unary.ts";
import { feedForward } from "./adaln-block.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { layerNorm } from "./layer-norm.ts";
import { linear } from "./linear.ts";
import { mergeHeads, splitHeads } from "./multi-head.ts";

export interface VitBlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Hidden width of the MLP over the width. */
  readonly expansion: number;
  readonly init: Initializer;
  /** Added to the variance in the normalisations. */
  readonly epsilon: number;
  /** Compute the inside again in the backward pass instead of keeping it. */
  readonly rematerialize: boolean;
  /** Between the two maps of the MLP; GELU unless given. */
  readonly activation?: (x: Tensor) => Tensor;
}

/** What is multiplied while training, against overfitting: 0, or 1 / (1 − rate). */
export interface VitFactors {
  /** On the shares that attention weighs values with, [B, H, S, S]. */
  readonly shares?: Tensor;
  /** On what attention and the MLP add, [B, S, C]. */
  readonly attention?: Tensor;
  readonly mlp?: Tensor;
  /** On the hidden vectors of the MLP, [B, S, E·C]. */
  readonly hidden?: Tensor;
}

/** `bias` is added to the products, broadcast to [B, H, S, S]. */
type BlockArgs = [x: Tensor, bias?: Tensor, factors?: VitFactors];

/** x [B, S, C] → [B, S, C]. @throws ConfigError if the heads do not divide the width. */
export function vitBlock(options: VitBlockOptions): Layer<BlockArgs, Tensor> {
  const { width, heads, expansion, init, epsilon, rematerialize, activation = exactGelu } = options;
  if (width % heads !== 0) {
    throw new ConfigError({
      where: "vitBlock",
      expected: `a width divisible by ${heads} heads`,
      got: String(width),
    });
  }
  const scale = 1 / Math.sqrt(width / heads);
  const parts = {
    norm1: layerNorm(width, epsilon),
    qkv: linear({ inputs: width, outputs: 3 * width, init }),
    projection: linear({ inputs: width, outputs: width, init }),
    norm2: layerNorm(width, epsilon),
    mlp: feedForward(width, expansion * width, init, init, activation),
  };
  return layer(parts, (bound, x, bias, factors = {}) => {
    const body = (input: Tensor): Tensor => {
      const [q, k, v] = splitHeads(bound.qkv(bound.norm1(input)), heads);
      const { shares } = factors;
      const seen = shares
        ? droppedAttention([q, k, v], shares, scale, bias)
        : attention(q, k, v, { scale, ...(bias && { bias }) });
      const h = add(input, kept(bound.projection(mergeHeads(seen)), factors.attention));
      return add(h, kept(bound.mlp(bound.norm2(h), factors.hidden), factors.mlp));
    };
    return rematerialize ? checkpoint(body, [x]) : body(x);
  });
}

function droppedAttention(
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  factors: Tensor,
  scale: number,
  bias: Tensor | undefined,
): Tensor {
  const products = matmul(q, k, { transposeB: true, scale });
  return matmul(multiply(softmax(bias ? add(products, bias) : products), factors), v);
}

function kept(branch: Tensor, factors: Tensor | undefined): Tensor {
  return factors ? multiply(branch, factors) : branch;
}
