/**
 * What the condition says of each place: features of it that all places share, and a map of them for
 * each place, of low rank.
 *
 *   f[b] = SiLU(W · c[b])
 *   y[b, l] = U · (V[l] · f[b])
 *
 * A stack that meets the condition only through attention adds the same of it to all places, and has
 * to learn in its MLPs what it means where. On a few thousand pictures that takes longer than all of
 * the training (docs/decisions/0025-words-at-every-place.md).
 *
 * Axes: B batch · L places · F features · R rank · D width
 */
import type { Tensor } from "../graph/node.ts";
import { reshape } from "../graph/ops/layout.ts";
import { silu } from "../graph/ops/unary.ts";
import { normal } from "../nn/initializers.ts";
import { type Layer, layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";

export interface PlaceMapSizes {
  /** F: about as many requests can be told apart at each place. */
  readonly features: number;
  readonly rank: number;
}

export interface PlaceMapOptions extends PlaceMapSizes {
  readonly width: number;
  readonly places: number;
}

/** c [B, D] → [B, L, D] */
export function placeMap(options: PlaceMapOptions): Layer<[Tensor], Tensor> {
  const { width, places, features, rank } = options;
  const parts = {
    // averages of words deviate by about 1/4: enough to bend the features from the first step on
    features: linear({ inputs: width, outputs: features, init: normal(4 / Math.sqrt(width)) }),
    // these two keep the size of what they get
    reduced: linear({
      inputs: features,
      outputs: places * rank,
      init: normal(1 / Math.sqrt(features)),
    }),
    widened: linear({ inputs: rank, outputs: width, init: normal(1 / Math.sqrt(rank)) }),
  };
  return layer(parts, (bound, condition: Tensor) => {
    const reduced = bound.reduced(silu(bound.features(condition)));
    return bound.widened(reshape(reduced, [-1, places, rank]));
  });
}
