/**
 * The key-value cache of a next-token step: what new rows see of it, and what becomes of it.
 *
 * Axes: R branches · S new rows · T rows of the cache
 */
import { type CachePolicy, kept } from "../caches/policy.ts";
import type { Dim } from "../graph/dim.ts";
import type { Dtype } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { cachedAttention, type NewRows } from "../graph/ops/cached-attention.ts";
import { cast } from "../graph/ops/compare.ts";
import { replaceRows } from "../graph/ops/indexing.ts";
import { input } from "../graph/ops/source.ts";
import type { Order } from "../orders/order.ts";
import type { LlamaTransformerOptions } from "../predictors/llama-transformer.ts";
import type { CachedRows } from "../predictors/next-token-predictor.ts";
import type { StepGraph } from "./step-functions.ts";

export interface TokenCacheOptions extends Pick<LlamaTransformerOptions, "heads" | "width"> {
  readonly order: Order;
  readonly policy: CachePolicy;
  /** R. */
  readonly branches: number;
  /** Element type of the cache. */
  readonly kept: Dtype;
  /** Places of the new rows, int32 [S]. */
  readonly positions: Tensor;
  /** What order and policy hide, [1, 1, S, T]: 0 or −∞. */
  readonly visible: Tensor;
  /** The same and what is hidden besides; `visible` itself if that is nothing. */
  readonly bias: Tensor;
}

/** The attention of every block; as blocks are traced, their caches become results and stores. */
export function tokenCache(options: TokenCacheOptions, { outputs, stores }: StepGraph): CachedRows {
  const { heads, width, branches, kept: dtype, positions, visible, bias } = options;
  const [, , rows, length] = visible.shape as [number, number, Dim, number];
  const places = input("places", "int64", [branches, heads, rows, 3]);
  const cached = (name: string): Tensor =>
    input(name, dtype, [branches, heads, length, width / heads]);
  const store = (name: string, after: Tensor): Tensor => {
    outputs[`new ${name}`] = after;
    stores.set(`new ${name}`, name);
    return after;
  };
  const names = (block: number) => ({ k: `keys${block}`, v: `values${block}` });
  if (bias === visible && showsAllBefore(options)) {
    const last = input("newest", "int32", [branches]);
    const newRows: NewRows = {
      positions,
      places,
      visible,
      last,
      total: input("total", "int32", []),
    };
    return (block, rotations) => ({
      whole: (qkv) => {
        const { k, v } = names(block);
        const cache = { keys: cached(k), values: cached(v) };
        const seen = cachedAttention(qkv, { ...cache, ...rotations, rows: newRows });
        store(k, seen.keys);
        store(v, seen.values);
        return seen.y;
      },
    });
  }
  const replaced = (name: string, added: Tensor) =>
    cast(store(name, replaceRows(cached(name), places, cast(added, dtype))), "float32");
  return (block) => ({
    bias,
    extend: (keys, values) => {
      const { k, v } = names(block);
      return { keys: replaced(k, keys), values: replaced(v, values) };
    },
  });
}

/** Whether every step sees all steps before it, so that nothing needs to be hidden. */
function showsAllBefore({ order, policy }: TokenCacheOptions): boolean {
  return order.steps.every((_, k) => {
    const earlier = kept(policy, k);
    return earlier.length === k && earlier.every((step) => order.visible(k, step));
  });
}
