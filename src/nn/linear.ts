/** Linear maps and embeddings. */
import type { Tensor } from "../graph/node.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { fanIn, type Initializer, normal, zero } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  readonly init?: Initializer;
}

/** x·Wᵀ + b over the last axis: x [..., in] → [..., out], weight [out, in]. */
export function linear({
  inputs,
  outputs,
  bias = true,
  init = fanIn(),
}: LinearOptions): Layer<[x: Tensor], Tensor> {
  const weight = { shape: [outputs, inputs], init };
  if (!bias) return layer({ weight }, ({ weight }, x) => linearProduct(x, weight));
  const parts = { weight, bias: { shape: [outputs], init: zero } };
  return layer(parts, ({ weight, bias }, x) => linearProduct(x, weight, bias));
}

/** A learned row for each id: ids [...] → [..., C]. */
export function embedding(
  count: number,
  width: number,
  init: Initializer = normal(0.02),
): Layer<[ids: Tensor], Tensor> {
  return layer({ weight: { shape: [count, width], init } }, ({ weight }, ids) =>
    lookup(weight, ids),
  );
}
