/** Pictures through a tokenizer and back, with everything that happened in between. */
import type { Tensor } from "../graph/node.ts";
import { maximum, minimum } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { type TokenizerOptions, tokenizerOf } from "./tokenizer.ts";

export interface Reconstruction {
  readonly scope: Scope;
  /** The input, float32 [B, 3, H, W] in [−1, 1]. */
  readonly pixels: Tensor;
  /** Ids of all maps one after the other, int64 [B, L]; absent where tokens are no codes. */
  readonly ids?: Tensor;
  /** Tokens that are vectors, float32 [B, L, C]. */
  readonly vectors?: Tensor;
  /** [B, 3, H, W], clamped to [−1, 1]. */
  readonly result: Tensor;
}

/** Traces encode, quantise and decode of `batch` pictures; parameters lie under `tokenizer.`. */
export function traceReconstruction(options: TokenizerOptions, batch: number): Reconstruction {
  const tokenizer = tokenizerOf(options);
  const { height, width } = tokenizer.size;
  const scope = new Scope();
  const pixels = input("pixels", "float32", [batch, 3, height, width]);
  const rebuilt = tokenizer.bind(scope.child("tokenizer")).reconstruct(pixels);
  const { ids, vectors } = rebuilt;
  const tokens = { ...(ids && { ids }), ...(vectors && { vectors }) };
  return { scope, pixels, ...tokens, result: clampPixels(rebuilt.pixels) };
}

/** Into the range that pixels have. */
export function clampPixels(x: Tensor): Tensor {
  return minimum(maximum(x, -1), 1);
}
