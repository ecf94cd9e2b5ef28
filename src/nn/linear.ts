/** Linear maps and embeddings. */
import type { Tensor } from "../graph/node.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { fanIn, type Initializer, normal, zero } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { exactMatrix, weightMatrix } from "./weight-matrix.ts";

export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  readonly init?: Initializer;
  /** The matrix stays float32 where a scope keeps smaller forms of the others. */
  readonly exact?: boolean;
}

/** x·Wᵀ + b over the last axis: x [..., in] → [..., out], weight [out, in]. */
export function linear({
  inputs,
  outputs,
  bias = true,
  init = fanIn(),
  exact = false,
}: LinearOptions): Layer<[x: Tensor], Tensor> {
  const matrix = { shape: [outputs, inputs], init } as const;
  const weight = exact ? exactMatrix(matrix) : weightMatrix(matrix);
  if (!bias) return layer({ weight }, ({ weight }, x) => weight(x));
  const parts = { weight, bias: { shape: [outputs], init: zero } };
  return layer(parts, ({ weight, bias }, x) => weight(x, bias));
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
