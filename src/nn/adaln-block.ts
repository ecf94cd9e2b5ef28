/**
 * Transformer block steered by a condition (AdaLN; Peebles & Xie 2023, §3.2), in VAR's order of the
 * six modulations: gains, scales, shifts.
 *
 *   x ← x + γ₁ ⊙ Attn(LN(x) ⊙ (1 + σ₁) + β₁)
 *   x ← x + γ₂ ⊙ MLP (LN(x) ⊙ (1 + σ₂) + β₂)
 *
 * Axes: B batch · S tokens · C width
 */
import { checkpoint } from "../graph/checkpoint.ts";
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { chunk, reshape } from "../graph/ops/layout.ts";
import { layerNorm } from "../graph/ops/norm.ts";
import { gelu, silu } from "../graph/ops/unary.ts";
import { type Initializer, normal, scaled, stacked } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { linear } from "./linear.ts";
import { type Attended, selfAttention } from "./self-attention.ts";

/** SiLU and one linear map from the condition: [B, C] → `count` modulations in one [B, 1, count·C]. */
export function modulation(
  width: number,
  count: number,
  init: Initializer,
): Layer<[condition: Tensor], Tensor> {
  const project = linear({ inputs: width, outputs: count * width, init });
  return {
    bind: (scope) => {
      const run = project.bind(scope);
      return (condition) => {
        const [batch] = condition.shape as [Dim];
        return reshape(run(silu(condition)), [batch, 1, count * width]);
      };
    },
  };
}

/** x ⊙ (1 + scale) + shift */
export function modulate(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  return add(multiply(x, add(scale, 1)), shift);
}

/**
 * Two linear maps with a GELU between them: x [..., C] → [..., C]. `factors` multiply the hidden
 * vectors while training: dropout.
 */
export function feedForward(
  width: number,
  hidden: number,
  init: Initializer,
  outputInit: Initializer,
  activation: (x: Tensor) => Tensor = gelu,
): Layer<[x: Tensor, factors?: Tensor], Tensor> {
  const parts = {
    fc1: linear({ inputs: width, outputs: hidden, init }),
    fc2: linear({ inputs: hidden, outputs: width, init: outputInit }),
  };
  return layer(parts, ({ fc1, fc2 }, x, factors) => {
    const hidden = activation(fc1(x));
    return fc2(factors ? multiply(hidden, factors) : hidden);
  });
}

export interface AdaLnBlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Hidden width of the MLP over the width. */
  readonly expansion: number;
  readonly normalizeQueryKey: boolean;
  /** The block adds an offset to modulations that all blocks share, instead of making its own. */
  readonly sharedModulation: boolean;
  readonly init: Initializer;
  /** For the two maps that write into the residual stream. */
  readonly residualInit: Initializer;
  /** Factor on the first values of the gains: blocks start almost as identity (`alng`). */
  readonly gainInit: number;
  /** Compute the inside again in the backward pass instead of keeping it. */
  readonly rematerialize: boolean;
}

/** Factors that drop a residual branch of some samples: [B, 1, 1], 1 / keep rate or 0. */
export interface BranchFactors {
  readonly attention: Tensor;
  readonly mlp: Tensor;
}

/** `steer`: the condition [B, C], or the shared modulations [B, 1, 6·C]. */
type BlockArgs = [x: Tensor, steer: Tensor, attended: Attended, factors?: BranchFactors];

/** x [B, S, C] → [B, S, C]. */
export function adaLnBlock(options: AdaLnBlockOptions): Layer<BlockArgs, Tensor> {
  const { width, heads, expansion, init, residualInit, rematerialize } = options;
  const parts = {
    modulations: options.sharedModulation ? offset(options) : own(options),
    attention: selfAttention({
      width,
      heads,
      normalizeQueryKey: options.normalizeQueryKey,
      init,
      projectionInit: residualInit,
    }),
    mlp: feedForward(width, expansion * width, init, residualInit),
  };
  return layer(parts, ({ modulations, attention, mlp }, x, steer, attended, factors) => {
    const body = (input: Tensor, six: Tensor): Tensor => {
      const [gain1, gain2, scale1, scale2, shift1, shift2] = chunk(six, 6, 2) as Six;
      const seen = attention(modulate(layerNorm(input), scale1, shift1), attended);
      const h = add(input, multiply(kept(gain1, factors?.attention), seen));
      const thought = mlp(modulate(layerNorm(h), scale2, shift2));
      return add(h, multiply(kept(gain2, factors?.mlp), thought));
    };
    const six = modulations(steer);
    return rematerialize ? checkpoint(body, [x, six]) : body(x, six);
  });
}

type Six = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];

function kept(gain: Tensor, factor: Tensor | undefined): Tensor {
  return factor ? multiply(gain, factor) : gain;
}

type Modulations = Layer<[steer: Tensor], Tensor>;

function own({ width, init, gainInit }: AdaLnBlockOptions): Modulations {
  const gains = { share: 2, init: scaled(init, gainInit) };
  return modulation(width, 6, stacked(gains, { share: 4, init: scaled(init, 0.5) }));
}

function offset({ width, gainInit }: AdaLnBlockOptions): Modulations {
  const unit = normal(1 / Math.sqrt(width));
  const slots = [gainInit, gainInit, 0.5, 0.5, 0.5, 0.5];
  const init: Initializer = (shape, random) =>
    unit(shape, random).map((x, i) => x * slots[Math.floor(i / width)]!);
  const parts = { offset: { shape: [1, 1, 6, width], init } };
  return layer(parts, ({ offset }, shared) => add(shared, reshape(offset, [1, 1, 6 * width])));
}
