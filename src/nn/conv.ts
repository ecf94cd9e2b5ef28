/** Convolutions and group normalisation with their parameters. */
import type { Tensor } from "../graph/node.ts";
import { conv2d, evenPadding, type Padding } from "../graph/ops/conv.ts";
import { groupNorm as groupNormOp } from "../graph/ops/norm.ts";
import { upsampleConv2d } from "../graph/ops/upsample-conv.ts";
import { fanIn, type Initializer, one, zero } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

export interface ConvOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel?: number;
  readonly stride?: number;
  /** Default: zeros that keep the size at stride 1. */
  readonly padding?: Padding;
  readonly bias?: boolean;
  readonly init?: Initializer;
}

/** 2-D convolution: x [B, in, H, W] → [B, out, H′, W′], weight [out, in, k, k]. */
export function conv({
  inputs,
  outputs,
  kernel = 3,
  stride = 1,
  padding = evenPadding((kernel - 1) / 2),
  bias = true,
  init = fanIn(),
}: ConvOptions): Layer<[x: Tensor], Tensor> {
  const weight = { shape: [outputs, inputs, kernel, kernel], init };
  const options = { stride, padding };
  if (!bias) return layer({ weight }, (own, x) => conv2d(x, own.weight, undefined, options));
  const parts = { weight, bias: { shape: [outputs], init: zero } };
  return layer(parts, (own, x) => conv2d(x, own.weight, own.bias, options));
}

/** Twice the size by repeating pixels, and a 3×3 convolution: x [B, C, H, W] → [B, C, 2·H, 2·W]. */
export function upsampleConv(channels: number): Layer<[x: Tensor], Tensor> {
  const parts = {
    weight: { shape: [channels, channels, 3, 3], init: fanIn() },
    bias: { shape: [channels], init: zero },
  };
  return layer(parts, ({ weight, bias }, x) => upsampleConv2d(x, weight, bias));
}

/** Group normalisation with gain and offset per channel. */
export function groupNorm(channels: number, groups = 32): Layer<[x: Tensor], Tensor> {
  const parts = {
    weight: { shape: [channels], init: one },
    bias: { shape: [channels], init: zero },
  };
  return layer(parts, ({ weight, bias }, x) => groupNormOp(x, weight, bias, groups));
}
