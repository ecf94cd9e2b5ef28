/**
 * VAR's tokenizer: the convolutional autoencoder with the multi-scale residual quantiser between
 * two 3×3 convolutions (sheet var, "Encoder / decoder").
 *
 * Axes: B batch · C latent channels · H, W pixels · h, w latent cells
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { conv } from "../nn/conv.ts";
import type { Scope } from "../nn/layer.ts";
import { type AutoencoderOptions, decoder, downsampling, encoder } from "./autoencoder.ts";
import type { PhiSharing } from "./phi-sharing.ts";
import { type ResidualScaleVq, residualScaleVq } from "./residual-scale-vq.ts";

export interface ScaleTokenizerOptions extends AutoencoderOptions {
  /** Files from before there were other kinds do not say it. */
  readonly kind?: "multi-scale-residual-vq";
  readonly codebookSize: number;
  readonly phiSharing: PhiSharing;
  /** Sizes of the token maps, coarse to fine; the last one is the latent's. */
  readonly scales: readonly { readonly height: number; readonly width: number }[];
}

export interface ScaleTokenizer {
  /** Pixels [B, 3, H, W] → the feature that is quantised, [B, C, h, w]. */
  feature(pixels: Tensor): Tensor;
  readonly quantizer: ResidualScaleVq;
  /** The quantised feature [B, C, h, w] → pixels [B, 3, H, W], not clamped. */
  pixels(feature: Tensor): Tensor;
}

/** Pixels per side of the pictures that the schedule stands for. */
export function pictureSize(options: ScaleTokenizerOptions): { height: number; width: number } {
  const factor = downsampling(options);
  const { height, width } = options.scales.at(-1)!;
  return { height: height * factor, width: width * factor };
}

/** @throws ConfigError if there is no scale. */
export function scaleTokenizer(options: ScaleTokenizerOptions): {
  bind(scope: Scope): ScaleTokenizer;
} {
  if (options.scales.length === 0) {
    throw new ConfigError({ where: "scales", expected: "at least one size", got: "none" });
  }
  const channels = options.latentChannels;
  const square = conv({ inputs: channels, outputs: channels });
  return {
    bind: (scope) => {
      const encode = encoder(options).bind(scope.child("encoder"));
      const quantConv = square.bind(scope.child("quantConv"));
      const quantizer = residualScaleVq({ ...options, latentChannels: channels }).bind(
        scope.child("quantizer"),
      );
      const postQuantConv = square.bind(scope.child("postQuantConv"));
      const decode = decoder(options).bind(scope.child("decoder"));
      return {
        feature: (pixels) => quantConv(encode(pixels)),
        quantizer,
        pixels: (feature) => decode(postQuantConv(feature)),
      };
    },
  };
}
