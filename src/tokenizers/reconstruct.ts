/** Pictures through a tokenizer and back, with everything that happened in between. */
import type { Tensor } from "../graph/node.ts";
import { maximum, minimum } from "../graph/ops/arithmetic.ts";
import { concat } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { pictureSize, type ScaleTokenizerOptions, scaleTokenizer } from "./scale-tokenizer.ts";

export interface Reconstruction {
  readonly scope: Scope;
  /** The input, float32 [B, 3, H, W] in [−1, 1]. */
  readonly pixels: Tensor;
  /** Ids of all scales one after the other, int64 [B, L]. */
  readonly ids: Tensor;
  /** [B, 3, H, W], clamped to [−1, 1]. */
  readonly result: Tensor;
}

/** Traces encode, quantise and decode of `batch` pictures; parameters lie under `tokenizer.`. */
export function traceReconstruction(options: ScaleTokenizerOptions, batch: number): Reconstruction {
  const { height, width } = pictureSize(options);
  const scope = new Scope();
  const tokenizer = scaleTokenizer(options).bind(scope.child("tokenizer"));
  const pixels = input("pixels", "float32", [batch, 3, height, width]);
  const { ids, reconstructions } = tokenizer.quantizer.encode(tokenizer.feature(pixels));
  const result = clampPixels(tokenizer.pixels(reconstructions.at(-1)!));
  return { scope, pixels, ids: concat(ids, 1), result };
}

/** Into the range that pixels have. */
export function clampPixels(x: Tensor): Tensor {
  return minimum(maximum(x, -1), 1);
}
