/**
 * Multi-head self-attention as VAR has it: no key bias, and optionally q and k of unit length with
 * a learned temperature per head (sheet var, "Transformer").
 *
 * Axes: B batch · S queries · T keys · C width · H heads · D = C / H
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { minimum, multiply } from "../graph/ops/arithmetic.ts";
import { attention } from "../graph/ops/attention.ts";
import { concat } from "../graph/ops/layout.ts";
import { l2Normalize } from "../graph/ops/norm.ts";
import { constant } from "../graph/ops/source.ts";
import { exp } from "../graph/ops/unary.ts";
import { filled, type Initializer, zero } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { linear } from "./linear.ts";
import { mergeHeads, splitHeads } from "./multi-head.ts";
import { type WeightMatrix, weightMatrix } from "./weight-matrix.ts";

export interface SelfAttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** q and k normalised to length 1 (`attn_l2_norm`). */
  readonly normalizeQueryKey: boolean;
  readonly init: Initializer;
  readonly projectionInit: Initializer;
}

/** What the queries of one call may look at. */
export interface Attended {
  /** Added to the products, broadcast to [B, H, S, T]: 0 or −∞. */
  readonly bias?: Tensor;
  /** Puts the keys and values of earlier calls before the new ones; all [B, H, T, D]. */
  readonly extend?: (keys: Tensor, values: Tensor) => { keys: Tensor; values: Tensor };
}

/** exp(logScale) is kept below this, as the official code does. */
const LARGEST_SCALE = Math.log(100);

/** x [B, S, C] → [B, S, C]. @throws ConfigError if the heads do not divide the width. */
export function selfAttention({
  width,
  heads,
  normalizeQueryKey,
  init,
  projectionInit,
}: SelfAttentionOptions): Layer<[x: Tensor, attended: Attended], Tensor> {
  if (width % heads !== 0) {
    throw new ConfigError({
      where: "selfAttention",
      expected: `a width divisible by ${heads} heads`,
      got: String(width),
    });
  }
  const size = width / heads;
  const parts = {
    qkv: biasedProduct({ shape: [3 * width, width], init }),
    queryBias: { shape: [width], init: zero },
    valueBias: { shape: [width], init: zero },
    temperature: normalizeQueryKey ? queryTemperature(heads) : unscaled,
    projection: linear({ inputs: width, outputs: width, init: projectionInit }),
  };
  const scale = normalizeQueryKey ? 1 : 0.25 / Math.sqrt(size);
  return layer(parts, (bound, x, { bias, extend }) => {
    const noKeyBias = constant(new Float32Array(width), [width]);
    const qkv = bound.qkv(x, concat([bound.queryBias, noKeyBias, bound.valueBias], 0));
    const [q, k, v] = splitHeads(qkv, heads);
    const queries = bound.temperature(normalizeQueryKey ? l2Normalize(q) : q);
    // keys are cached after normalisation
    const own = { keys: normalizeQueryKey ? l2Normalize(k) : k, values: v };
    const { keys, values } = extend ? extend(own.keys, own.values) : own;
    const attended = attention(queries, keys, values, { scale, ...(bias && { bias }) });
    return bound.projection(mergeHeads(attended));
  });
}

/** x·Wᵀ + b with the bias given from outside. */
function biasedProduct(matrix: WeightMatrix): Layer<[x: Tensor, bias: Tensor], Tensor> {
  return layer({ weight: weightMatrix(matrix) }, ({ weight }, x, bias) => weight(x, bias));
}

/** One learned factor per head, exp(logScale), on queries of length 1. */
function queryTemperature(heads: number): Layer<[q: Tensor], Tensor> {
  const parts = { logScale: { shape: [1, heads, 1, 1], init: filled(Math.log(4)) } };
  return layer(parts, ({ logScale }, q) => multiply(q, exp(minimum(logScale, LARGEST_SCALE))));
}

const unscaled: Layer<[q: Tensor], Tensor> = { bind: () => (q) => q };
