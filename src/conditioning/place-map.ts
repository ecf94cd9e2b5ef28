/**
 * What the condition says of each place: a linear map of its own per place, of low rank.
 *
 *   y[b, l] = U · (V[l] · c[b])
 *
 * A stack that meets the condition only through attention adds the same of it to all places, and has
 * to learn in its MLPs what it means where. On a few thousand pictures that takes longer than all of
 * the training (docs/decisions/0025-words-at-every-place.md).
 *
 * Axes: B batch · L places · R rank · D width
 */
import type { Tensor } from "../graph/node.ts";
import { reshape } from "../graph/ops/layout.ts";
import { normal } from "../nn/initializers.ts";
import { type Layer, layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";

export interface PlaceMapOptions {
  readonly width: number;
  readonly places: number;
  readonly rank: number;
}

/** c [B, D] → [B, L, D] */
export function placeMap({ width, places, rank }: PlaceMapOptions): Layer<[Tensor], Tensor> {
  const parts = {
    // both keep the size of what they get: as large as the condition, from the first step on
    reduced: linear({
      inputs: width,
      outputs: places * rank,
      init: normal(1 / Math.sqrt(width)),
    }),
    widened: linear({ inputs: rank, outputs: width, init: normal(1 / Math.sqrt(rank)) }),
  };
  return layer(parts, ({ reduced, widened }, condition: Tensor) =>
    widened(reshape(reduced(condition), [-1, places, rank])),
  );
}
