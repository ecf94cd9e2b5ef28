/**
 * Tokens that are vectors: a convolutional autoencoder whose latent is drawn from a normal
 * distribution per cell (sheet mar, "Tokenizer KL-16"), and squares of cells as tokens.
 *
 * Axes: B batch · Z latent channels · H, W pixels · h, w latent cells · L tokens · C = Z·p²
 */
import type { Tensor } from "../graph/node.ts";
import { add, maximum, minimum, multiply } from "../graph/ops/arithmetic.ts";
import { chunk, reshape, transpose } from "../graph/ops/layout.ts";
import { depthToSpace, spaceToDepth } from "../graph/ops/pixel-shuffle.ts";
import { exp } from "../graph/ops/unary.ts";
import { conv } from "../nn/conv.ts";
import type { Scope } from "../nn/layer.ts";
import { type AutoencoderOptions, decoder, downsampling, encoder } from "./autoencoder.ts";

export interface KlAutoencoderOptions extends Omit<AutoencoderOptions, "attention"> {
  readonly kind: "kl";
  /** Attention in the encoder; the decoder has it in the middle only. */
  readonly attention: boolean;
  /** Latent cells of a picture. */
  readonly height: number;
  readonly width: number;
  /** Cells per side of the squares that make a token (p); 1 in the released models. */
  readonly cellsPerToken: number;
  /** Tokens are latents times this factor, which makes their variance about 1. */
  readonly latentScale: number;
}

/** What the encoder says of a latent, both [B, Z, h, w]. */
export interface LatentMoments {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

export interface KlAutoencoder {
  /** Pixels [B, 3, H, W] in [−1, 1] → the distribution of their latent. */
  moments(pixels: Tensor): LatentMoments;
  /** Latents [B, Z, h, w] → pixels [B, 3, H, W], not clamped. */
  pixels(latent: Tensor): Tensor;
}

/** The log of the variance is kept between these. */
const LOG_VARIANCE = { least: -30, most: 20 } as const;

/** The grid of tokens, how many they are, and numbers in each. */
export function tokenSizes({
  height,
  width,
  latentChannels,
  cellsPerToken,
}: KlAutoencoderOptions): {
  readonly grid: { readonly height: number; readonly width: number };
  readonly count: number;
  readonly channels: number;
} {
  const grid = { height: height / cellsPerToken, width: width / cellsPerToken };
  return { grid, count: grid.height * grid.width, channels: latentChannels * cellsPerToken ** 2 };
}

/** Pixels per side of a picture. */
export function klPictureSize(options: KlAutoencoderOptions): { height: number; width: number } {
  const factor = downsampling(options);
  return { height: options.height * factor, width: options.width * factor };
}

export function klAutoencoder(options: KlAutoencoderOptions): {
  bind(scope: Scope): KlAutoencoder;
} {
  const { latentChannels: channels, attention } = options;
  const square = (size: number) => conv({ inputs: size, outputs: size, kernel: 1 });
  return {
    bind: (scope) => {
      const encode = encoder({ ...options, latentChannels: 2 * channels }).bind(
        scope.child("encoder"),
      );
      const quantConv = square(2 * channels).bind(scope.child("quantConv"));
      const postQuantConv = square(channels).bind(scope.child("postQuantConv"));
      const decode = decoder({ ...options, attention: attention && "middle" }).bind(
        scope.child("decoder"),
      );
      return {
        moments: (pixels) => {
          const [mean, spread] = chunk(quantConv(encode(pixels)), 2, 1) as [Tensor, Tensor];
          const logVariance = minimum(maximum(spread, LOG_VARIANCE.least), LOG_VARIANCE.most);
          return { mean, logVariance };
        },
        pixels: (latent) => decode(postQuantConv(latent)),
      };
    },
  };
}

/** mean + σ·noise, with standard normal noise [B, Z, h, w]. */
export function drawLatent({ mean, logVariance }: LatentMoments, noise: Tensor): Tensor {
  return add(mean, multiply(exp(multiply(logVariance, 0.5)), noise));
}

/** Latents [B, Z, h, w] → tokens [B, L, C] in row-major order; numbers of a token by channel, row, column. */
export function tokensOf(
  latent: Tensor,
  { cellsPerToken, latentScale }: KlAutoencoderOptions,
): Tensor {
  const folded = spaceToDepth(latent, cellsPerToken);
  const [batch, channels, tall, wide] = folded.shape as [number, number, number, number];
  const rows = reshape(transpose(folded, [0, 2, 3, 1]), [batch, tall * wide, channels]);
  return multiply(rows, latentScale);
}

/** The inverse of `tokensOf`. */
export function latentOf(
  tokens: Tensor,
  { height, width, cellsPerToken, latentScale }: KlAutoencoderOptions,
): Tensor {
  const [batch, , channels] = tokens.shape as [number, number, number];
  const [tall, wide] = [height / cellsPerToken, width / cellsPerToken];
  const map = transpose(reshape(tokens, [batch, tall, wide, channels]), [0, 3, 1, 2]);
  return multiply(depthToSpace(map, cellsPerToken), 1 / latentScale);
}
