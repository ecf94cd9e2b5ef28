/**
 * The AdaLN transformer of VAR (sheet var, "Transformer"): blocks steered by the condition, and a
 * head of AdaLN and one linear map. It knows nothing of scales or tokens: it maps input vectors to
 * logits, seeing what it is told to see.
 *
 * Axes: B batch · S tokens · C width · V logits
 */
import type { Tensor } from "../graph/node.ts";
import { chunk } from "../graph/ops/layout.ts";
import { layerNorm } from "../graph/ops/norm.ts";
import { adaLnBlock, type BranchFactors, modulate, modulation } from "../nn/adaln-block.ts";
import { type Initializer, normal, scaled } from "../nn/initializers.ts";
import { type Layer, layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import type { Attended } from "../nn/self-attention.ts";

export interface AdaLnTransformerOptions {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  readonly expansion?: number;
  readonly logits: number;
  readonly normalizeQueryKey: boolean;
  /** One map from the condition for all blocks, to which each adds an offset of its own. */
  readonly sharedModulation: boolean;
  /** Factor on the first values of the gains (`alng`). */
  readonly gainInit: number;
  /** Compute the inside of every block again in the backward pass. */
  readonly rematerialize?: boolean;
}

export interface TransformerCall {
  /** What block i may look at: visibility and cache. */
  readonly attended: (block: number) => Attended;
  /** Stochastic depth of block i, while training. */
  readonly factors?: (block: number) => BranchFactors | undefined;
}

type TransformerArgs = [x: Tensor, condition: Tensor, call: TransformerCall];

/** x [B, S, C], condition [B, C] → logits [B, S, V]. */
export function adaLnTransformer(options: AdaLnTransformerOptions): Layer<TransformerArgs, Tensor> {
  const { depth, width, heads, expansion = 4, sharedModulation, gainInit } = options;
  const init = weightInit(width);
  const block = adaLnBlock({
    width,
    heads,
    expansion,
    normalizeQueryKey: options.normalizeQueryKey,
    sharedModulation,
    init,
    residualInit: scaled(init, 1 / Math.sqrt(2 * depth)),
    gainInit,
    rematerialize: options.rematerialize ?? false,
  });
  const parts = {
    blocks: Array.from({ length: depth }, () => block),
    steering: sharedModulation ? modulation(width, 6, init) : unchanged,
    head: adaLnHead(width, options.logits, init),
  };
  return layer(parts, ({ blocks, steering, head }, x, condition, { attended, factors }) => {
    const steer = steering(condition);
    const run = (h: Tensor, i: number) => blocks[i]!(h, steer, attended(i), factors?.(i));
    return head(
      blocks.reduce((h, _, i) => run(h, i), x),
      condition,
    );
  });
}

const unchanged: Layer<[condition: Tensor], Tensor> = { bind: () => (condition) => condition };

/** All linear maps and embeddings start normal with σ = √(1 / 3C). */
export function weightInit(width: number): Initializer {
  return normal(Math.sqrt(1 / (3 * width)));
}

/** LN(x) ⊙ (1 + scale) + shift and a linear map, in the order scale, shift. */
function adaLnHead(
  width: number,
  logits: number,
  init: Initializer,
): Layer<[x: Tensor, condition: Tensor], Tensor> {
  const parts = {
    modulation: modulation(width, 2, scaled(init, 0.5)),
    // a small share of the weights, and the nearest to what is drawn from
    logits: linear({ inputs: width, outputs: logits, init: scaled(init, 0.02), exact: true }),
  };
  return layer(parts, (bound, x, condition) => {
    const [scale, shift] = chunk(bound.modulation(condition), 2, 2) as [Tensor, Tensor];
    return bound.logits(modulate(layerNorm(x), scale, shift));
  });
}
