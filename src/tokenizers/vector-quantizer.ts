/**
 * Vector quantisation on the unit sphere (LlamaGen §2.1; sheet llamagen, "Quantiser"): vectors and
 * codes are compared by direction, so that nearly all codes are used.
 *
 * Axes: B batch · C code channels · h, w latent cells · N = h·w · V codebook
 */
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { reshape, transpose } from "../graph/ops/layout.ts";
import { l2Normalize } from "../graph/ops/norm.ts";
import { argmax } from "../graph/ops/order.ts";
import { exactGemm } from "../graph/ops/product.ts";
import { mean, sum } from "../graph/ops/reduce.ts";
import { logSoftmax } from "../graph/ops/softmax.ts";
import { exp, log } from "../graph/ops/unary.ts";
import { type Initializer, uniform } from "../nn/initializers.ts";
import type { Scope } from "../nn/layer.ts";

export interface VectorQuantizerOptions {
  readonly codebookSize: number;
  readonly codeChannels: number;
}

export interface QuantizedMap {
  /** int64 [B, N], row-major. */
  readonly ids: Tensor;
  /** The feature with unit vectors, [B, C, h, w]. */
  readonly unit: Tensor;
  /** The same, one row per cell: [B·N, C]. */
  readonly rows: Tensor;
  /** The codes of the ids, [B, C, h, w]. */
  readonly codes: Tensor;
}

export interface VectorQuantizer {
  /** The code nearest to each vector of a feature [B, C, h, w]. */
  encode(feature: Tensor): QuantizedMap;
  /** ids [B, h, w] → codes [B, C, h, w]. */
  codes(ids: Tensor): Tensor;
  /** Unit rows, [V, C]; what is stored has any length. */
  readonly codebook: Tensor;
}

export function vectorQuantizer({ codebookSize, codeChannels }: VectorQuantizerOptions): {
  bind(scope: Scope): VectorQuantizer;
} {
  return {
    bind: (scope) => {
      const shape = [codebookSize, codeChannels];
      const codebook = l2Normalize(scope.parameter("codebook", { shape, init: unitRows }));
      const codes = (ids: Tensor): Tensor => transpose(lookup(codebook, ids), [0, 3, 1, 2]);
      const encode = (feature: Tensor): QuantizedMap => {
        const [batch, , height, width] = feature.shape as [number, number, number, number];
        const vectors = l2Normalize(transpose(feature, [0, 2, 3, 1]));
        const rows = reshape(vectors, [-1, codeChannels]);
        const found = argmax(exactGemm(rows, codebook, false, true), 1);
        return {
          ids: reshape(found, [batch, height * width]),
          unit: transpose(vectors, [0, 3, 1, 2]),
          rows,
          codes: codes(reshape(found, [batch, height, width])),
        };
      };
      return { codebook, codes, encode };
    },
  };
}

/** Uniform directions out of a cube, of length 1. */
const unitRows: Initializer = (shape, random) => {
  const [rows, width] = shape as [number, number];
  const values = uniform(1 / rows)(shape, random);
  for (let row = 0; row < rows; row++) {
    const vector = values.subarray(row * width, (row + 1) * width);
    const length = Math.hypot(...vector);
    for (let i = 0; i < width; i++) vector[i]! /= length;
  }
  return values;
};

/** Divides squared distances before they become chances. */
const ENTROPY_TEMPERATURE = 0.01;

/**
 * The entropy of single vectors' choices of codes minus that of their mean, in nats: low where each
 * vector is sure of its code and all codes are chosen (sheet llamagen, "Entropy term").
 *
 * @param rows unit vectors [N, C].
 * @param codebook unit rows [V, C].
 */
export function entropyTerm(rows: Tensor, codebook: Tensor): Tensor {
  // −‖z − e‖² = 2·z·e − 2, and a softmax does not see the 2
  const affinities = multiply(exactGemm(rows, codebook, false, true), 2 / ENTROPY_TEMPERATURE);
  const logs = logSoftmax(affinities);
  const chances = exp(logs);
  const single = mean(sum(multiply(chances, logs), -1));
  const shares = mean(chances, 0);
  const together = sum(multiply(shares, log(add(shares, 1e-5))));
  return subtract(reshape(together, []), reshape(single, []));
}
