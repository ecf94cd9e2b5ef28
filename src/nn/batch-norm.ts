/**
 * Batch normalisation (Ioffe & Szegedy 2015). Training normalises by the moments of the batch; a
 * finished network has the moments of its training folded into gain and offset, and knows no others.
 */
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { mean } from "../graph/ops/reduce.ts";
import { reciprocal, relu, sqrt, square } from "../graph/ops/unary.ts";
import { type Initializer, one, zero } from "./initializers.ts";
import type { Layer, Scope } from "./layer.ts";

/** What the layers of a network saw in a batch, both [C], by the layers' paths. */
export type BatchMoments = Map<string, { readonly mean: Tensor; readonly variance: Tensor }>;

/** The same as numbers. */
export interface MomentValues {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

const EPSILON = 1e-5;

export interface BatchNormOptions {
  /** Of the gains. */
  readonly init?: Initializer;
}

/**
 * (x − mean) / √(variance + ε) ⊙ gain + offset, with moments per channel over pictures and positions:
 * x [B, C, H, W] → [B, C, H, W].
 *
 * Called with `batch` it takes the moments of x and puts them there; without, gain and offset have
 * moments folded in, and nothing else is applied.
 */
export function batchNorm(
  channels: number,
  { init = one }: BatchNormOptions = {},
): Layer<[x: Tensor, batch?: BatchMoments | undefined], Tensor> {
  return {
    bind: (scope: Scope) => {
      const perChannel = (x: Tensor) => reshape(x, [1, channels, 1, 1]);
      const gain = perChannel(scope.parameter("weight", { shape: [channels], init }));
      const offset = perChannel(scope.parameter("bias", { shape: [channels], init: zero }));
      return (x, batch) => {
        if (!batch) return add(multiply(x, gain), offset);
        const centre = mean(x, 0, 2, 3);
        // rounding can take the difference below zero
        const variance = relu(subtract(mean(square(x), 0, 2, 3), square(centre)));
        batch.set(scope.path, {
          mean: reshape(centre, [channels]),
          variance: reshape(variance, [channels]),
        });
        const slope = multiply(gain, reciprocal(sqrt(add(variance, EPSILON))));
        return add(multiply(x, slope), subtract(offset, multiply(centre, slope)));
      };
    },
  };
}

/**
 * The parameters with every layer's moments folded into its gain and offset.
 *
 * @throws ShapeError if a layer is not there or has another number of channels.
 */
export function foldMoments(
  parameters: ReadonlyMap<string, Float32Array>,
  moments: ReadonlyMap<string, MomentValues>,
): Map<string, Float32Array> {
  const folded = new Map(parameters);
  for (const [path, { mean: centre, variance }] of moments) {
    const gain = parameters.get(`${path}.weight`);
    const offset = parameters.get(`${path}.bias`);
    if (gain?.length !== centre.length || offset?.length !== centre.length) {
      const expected = gain ? `moments of ${gain.length} numbers` : "a batch normalisation";
      const got = gain ? `${centre.length}` : "no such layer";
      throw new ShapeError({ where: path, expected, got });
    }
    const slopes = gain.map((value, i) => value / Math.sqrt(variance[i]! + EPSILON));
    folded.set(`${path}.weight`, slopes);
    folded.set(
      `${path}.bias`,
      offset.map((value, i) => value - centre[i]! * slopes[i]!),
    );
  }
  return folded;
}
