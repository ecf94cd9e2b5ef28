/**
 * PatchGAN (Isola et al. 2017): a small convolutional network that tells of every patch of a picture
 * whether it is a real one (sheet llamagen, "Tokenizer training").
 *
 * Axes: B batch · H, W pixels · h, w patches, which overlap
 */
import type { Tensor } from "../graph/node.ts";
import { maximum, multiply } from "../graph/ops/arithmetic.ts";
import { evenPadding } from "../graph/ops/conv.ts";
import { type BatchMoments, batchNorm } from "./batch-norm.ts";
import { conv } from "./conv.ts";
import { normal, shifted } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

export interface PatchDiscriminatorOptions {
  /** Of the first convolution; doubled from one to the next, up to eight times as many. */
  readonly channels: number;
  /** Convolutions that halve the sides; two more follow, which do not. */
  readonly layers: number;
}

const KERNEL = 4;
/** As deep as in the published network. */
const WIDEST = 8;
const DEVIATION = 0.02;

/**
 * Pixels [B, 3, H, W] → [B, 1, h, w], above 0 for what looks real. Of B pictures at once: they are
 * normalised by their own moments, and by no others.
 *
 * The released network's convolutions before a normalisation have no bias, as the normalisation would
 * take it away.
 */
export function patchDiscriminator({
  channels,
  layers,
}: PatchDiscriminatorOptions): Layer<[pixels: Tensor], Tensor> {
  const widths = Array.from({ length: layers + 1 }, (_, i) => channels * Math.min(2 ** i, WIDEST));
  const parts = {
    convIn: patchConv({ inputs: 3, outputs: channels, stride: 2 }),
    inner: widths
      .slice(1)
      .map((outputs, i) =>
        normalized({ inputs: widths[i]!, outputs, stride: i < layers - 1 ? 2 : 1 }),
      ),
    convOut: patchConv({ inputs: widths.at(-1)!, outputs: 1, stride: 1 }),
  };
  return layer(parts, ({ convIn, inner, convOut }, pixels) =>
    convOut(inner.reduce((h, run) => leakyRelu(run(h)), leakyRelu(convIn(pixels)))),
  );
}

interface PatchConvOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  readonly bias?: boolean;
}

function patchConv(options: PatchConvOptions): Layer<[x: Tensor], Tensor> {
  return conv({ ...options, kernel: KERNEL, padding: evenPadding(1), init: normal(DEVIATION) });
}

function normalized(options: PatchConvOptions): Layer<[x: Tensor], Tensor> {
  const parts = {
    conv: patchConv({ ...options, bias: false }),
    norm: batchNorm(options.outputs, { init: shifted(normal(DEVIATION), 1) }),
  };
  return layer(parts, ({ conv, norm }, x) => norm(conv(x), new Map() as BatchMoments));
}

/** x where it is positive, else 0.2·x. */
function leakyRelu(x: Tensor): Tensor {
  return maximum(x, multiply(x, 0.2));
}

/** Pixels per side of the smallest picture that leaves a patch to judge. */
export function smallestJudged({ layers }: PatchDiscriminatorOptions): number {
  // each of the last two takes one away, and each of the others halves
  return 3 * 2 ** layers;
}
