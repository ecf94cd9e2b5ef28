/** The graph of the published FID's network, from pixels of any size. */
import { namedDim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { reshape, transpose } from "../graph/ops/layout.ts";
import { mean } from "../graph/ops/reduce.ts";
import { resample } from "../graph/ops/resample.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import { Scope } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { inceptionUnits, SPATIAL_UNIT } from "./inception-units.ts";
import { runUnits } from "./units.ts";

export const INCEPTION_SIDE = 299;
export const INCEPTION_FEATURES = 2048;
/** Those of the 2015 training; ImageNet's own 1000 are among them. */
export const INCEPTION_CLASSES = 1008;

/** Channels that sFID takes, and pixels per side of their map. */
const [SPATIAL_CHANNELS, SPATIAL_SIDE] = [7, 17];
export const INCEPTION_SPATIAL: number = SPATIAL_CHANNELS * SPATIAL_SIDE ** 2;

export interface InceptionGraph {
  /** Holds each convolution's weight with its normalisation folded in, and `fc.weight`. */
  readonly scope: Scope;
  /** [B, 2048] */
  readonly features: Tensor;
  /** [B, 1008], without the bias, as all code of the inception score takes them. */
  readonly logits: Tensor;
  /**
   * [B, 2023], of sFID: rows, columns, then channels, in which order published statistics have them
   * (metrics sheet: the first 7 channels of `mixed_6/conv`).
   */
  readonly spatial: Tensor;
}

/** (x − 128) / 128 of the bytes x = 127.5 (p + 1) of resized pixels p: [B, 3, 299, 299]. */
export function inceptionInput(pixels: Tensor, rows: Tensor, columns: Tensor): Tensor {
  const resized = resample(pixels, rows, transpose(columns, [1, 0]));
  return add(multiply(resized, 127.5 / 128), -0.5 / 128);
}

/**
 * Traces the network on the inputs `pixels` [B, 3, H, W] in [−1, 1] and the matrices of their resize,
 * `rows` [299, H] and `columns` [299, W].
 */
export function traceInception(): InceptionGraph {
  const scope = new Scope();
  const [batch, height, width] = [namedDim("B"), namedDim("H"), namedDim("W")];
  const pixels = input("pixels", "float32", [batch, 3, height, width]);
  const rows = input("rows", "float32", [INCEPTION_SIDE, height]);
  const columns = input("columns", "float32", [INCEPTION_SIDE, width]);
  const [before, after] = [
    inceptionUnits.slice(0, SPATIAL_UNIT),
    inceptionUnits.slice(SPATIAL_UNIT),
  ];
  const middle = runUnits(before, scope, inceptionInput(pixels, rows, columns));
  const maps = runUnits(after, scope, middle);
  const features = reshape(mean(maps, 2, 3), [batch, INCEPTION_FEATURES]);
  const sizes = { inputs: INCEPTION_FEATURES, outputs: INCEPTION_CLASSES, bias: false };
  const logits = linear(sizes).bind(scope.child("fc"))(features);
  const places = transpose(slice(middle, 1, 0, SPATIAL_CHANNELS), [0, 2, 3, 1]);
  return { scope, features, logits, spatial: reshape(places, [batch, INCEPTION_SPATIAL]) };
}
