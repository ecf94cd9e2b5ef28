/**
 * Multi-scale residual vector quantisation (VAR §3.2, Alg. 1 and 2; sheet var, "Quantiser"): map k
 * quantises what maps 1 … k − 1 leave of the feature, at its own size.
 *
 * Axes: B batch · C latent channels · H, W latent size · K scales · p side of a scale · V codebook
 */
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { conv2d, evenPadding } from "../graph/ops/conv.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat, reshape, transpose } from "../graph/ops/layout.ts";
import { argmax } from "../graph/ops/order.ts";
import { exactGemm } from "../graph/ops/product.ts";
import { mean, sum } from "../graph/ops/reduce.ts";
import { resample } from "../graph/ops/resample.ts";
import { constant } from "../graph/ops/source.ts";
import { stopGradient, straightThrough } from "../graph/ops/stop-gradient.ts";
import { square } from "../graph/ops/unary.ts";
import { areaMatrix, bicubicMatrix } from "../graph/resample-matrix.ts";
import { fanIn, uniform, zero } from "../nn/initializers.ts";
import type { Scope } from "../nn/layer.ts";
import { type PhiSharing, phiCount, phiMap } from "./phi-sharing.ts";

export interface ResidualScaleVqOptions {
  readonly codebookSize: number;
  readonly latentChannels: number;
  /** Sizes of the maps, coarse to fine; the last one is the latent's. */
  readonly scales: readonly { readonly height: number; readonly width: number }[];
  readonly phiSharing: PhiSharing;
}

/** Share of φ's convolution in its result; the rest is its input. */
export const PHI_RATIO = 0.5;

export interface Quantized {
  /** Ids of each scale, int64 [B, p·p], row-major. */
  readonly ids: readonly Tensor[];
  /** What each scale had to quantise, one row per cell: [B·p·p, C]. */
  readonly residuals: readonly Tensor[];
  /** The reconstruction after each scale, [B, C, H, W]. */
  readonly reconstructions: readonly Tensor[];
}

export interface ResidualScaleVq {
  /** Nearest codes of the residuals, scale by scale. feature [B, C, H, W] */
  encode(feature: Tensor): Quantized;
  /** What map k adds to the reconstruction, from its codes [B, C, p, p]. */
  refine(codes: Tensor, scale: number): Tensor;
  /** The same with the φ chosen when the graph runs: maps [B, C, H, W] already grown, phi int32 [1]. */
  refineBy(grown: Tensor, phi: Tensor): Tensor;
  /** ids [B, p·p] of scale k → codes [B, C, p, p] */
  codes(ids: Tensor, scale: number): Tensor;
  /** The accumulated feature at the size of scale k: what the transformer reads. */
  pool(feature: Tensor, scale: number): Tensor;
  readonly codebook: Tensor;
}

/** The quantiser's parts, bound to their parameters. */
export function residualScaleVq(options: ResidualScaleVqOptions): {
  bind(scope: Scope): ResidualScaleVq;
} {
  const { codebookSize, latentChannels: channels, scales, phiSharing } = options;
  const { height, width } = scales.at(-1)!;
  const last = scales.length - 1;
  const phiOf = phiMap(scales.length, phiSharing);
  return {
    bind: (scope) => {
      const codebook = scope.parameter("codebook", {
        shape: [codebookSize, channels],
        init: uniform(1 / codebookSize),
      });
      const phis = Array.from({ length: phiCount(scales.length, phiSharing) }, (_, j) =>
        phi(scope.child("phi").child(String(j)), channels),
      );
      const codes = (ids: Tensor, scale: number): Tensor => {
        const { height: tall, width: wide } = scales[scale]!;
        const [batch] = ids.shape;
        const grid = reshape(ids, [batch!, tall, wide]);
        return transpose(lookup(codebook, grid), [0, 3, 1, 2]);
      };
      const refine = (map: Tensor, scale: number): Tensor => {
        const grown =
          scale === last ? map : resize(map, scales[scale]!, { height, width }, bicubicMatrix);
        const { weight, bias } = phis[phiOf[scale]!]!;
        return blend(grown, weight, bias);
      };
      const refineBy = (grown: Tensor, index: Tensor): Tensor => {
        const weights = concat(
          phis.map(({ weight }) => reshape(weight, [1, -1])),
          0,
        );
        const biases = concat(
          phis.map(({ bias }) => reshape(bias, [1, channels])),
          0,
        );
        const weight = reshape(lookup(weights, index), [channels, channels, 3, 3]);
        return blend(grown, weight, reshape(lookup(biases, index), [channels]));
      };
      const pool = (feature: Tensor, scale: number): Tensor =>
        scale === last ? feature : resize(feature, { height, width }, scales[scale]!, areaMatrix);
      const encode = (feature: Tensor): Quantized => {
        const ids: Tensor[] = [];
        const residuals: Tensor[] = [];
        const reconstructions: Tensor[] = [];
        let rest = stopGradient(feature);
        let total: Tensor | undefined;
        for (let scale = 0; scale < scales.length; scale++) {
          const rows = cells(pool(rest, scale));
          const { height: tall, width: wide } = scales[scale]!;
          const found = reshape(nearest(rows, codebook), [feature.shape[0]!, tall * wide]);
          ids.push(found);
          residuals.push(rows);
          const step = refine(codes(found, scale), scale);
          total = total ? add(total, step) : step;
          reconstructions.push(total);
          rest = subtract(rest, stopGradient(step));
        }
        return { ids, residuals, reconstructions };
      };
      return { codebook, codes, refine, refineBy, pool, encode };
    },
  };
}

interface Phi {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

function phi(scope: Scope, channels: number): Phi {
  return {
    weight: scope.parameter("weight", { shape: [channels, channels, 3, 3], init: fanIn() }),
    bias: scope.parameter("bias", { shape: [channels], init: zero }),
  };
}

/** φ(h) = (1 − ratio)·h + ratio·conv(h) */
function blend(map: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const refined = conv2d(map, weight, bias, { padding: evenPadding(1) });
  return add(multiply(map, 1 - PHI_RATIO), multiply(refined, PHI_RATIO));
}

type Size = { readonly height: number; readonly width: number };

function resize(
  x: Tensor,
  from: Size,
  to: Size,
  matrix: (inSize: number, outSize: number) => Float32Array,
): Tensor {
  const rows = constant(matrix(from.height, to.height), [to.height, from.height]);
  const columns = constant(matrix(from.width, to.width), [to.width, from.width]);
  return resample(x, rows, transpose(columns, [1, 0]));
}

/** One row per cell: [B, C, p, p] → [B·p·p, C]. */
function cells(map: Tensor): Tensor {
  return reshape(transpose(map, [0, 2, 3, 1]), [-1, map.shape[1]!]);
}

/** argmin_v ‖z − E_v‖² for every row: z [N, C] → ids [N], int64. */
function nearest(rows: Tensor, codebook: Tensor): Tensor {
  // ‖z − e‖² = ‖z‖² − 2·(z·e − ‖e‖²/2), and ‖z‖² is the same for all codes
  const halfLengths = multiply(sum(square(codebook), 1), 0.5);
  const products = exactGemm(rows, codebook, false, true);
  return argmax(subtract(products, transpose(halfLengths, [1, 0])), 1);
}

export interface QuantizerTerms {
  /** The last reconstruction's value with the feature's gradient. */
  readonly quantized: Tensor;
  /** mean over scales of β·‖sg(f̂_k) − f‖² + ‖f̂_k − sg(f)‖², β on the encoder's side. */
  readonly loss: Tensor;
}

/** The training terms of the quantiser (sheet: β = 0.25, straight-through once, at the end). */
export function quantizerTerms(
  feature: Tensor,
  reconstructions: readonly Tensor[],
  commitment: number,
): QuantizerTerms {
  const fixed = stopGradient(feature);
  const terms = reconstructions.map((fhat) => {
    const toFeature = mean(square(subtract(fhat, fixed)));
    const toCodes = mean(square(subtract(feature, stopGradient(fhat))));
    return add(toFeature, multiply(toCodes, commitment));
  });
  const total = terms.reduce((a, b) => add(a, b));
  return {
    quantized: straightThrough(feature, reconstructions.at(-1)!),
    loss: multiply(total, 1 / terms.length),
  };
}
