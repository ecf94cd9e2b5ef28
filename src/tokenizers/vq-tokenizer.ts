/**
 * LlamaGen's tokenizer: the convolutional autoencoder with a vector quantiser between two 1×1
 * convolutions (sheet llamagen, "Tokenizer").
 *
 * Axes: B batch · Z latent channels · C code channels · H, W pixels · h, w latent cells
 */
import type { Tensor } from "../graph/node.ts";
import { conv } from "../nn/conv.ts";
import type { Scope } from "../nn/layer.ts";
import { type AutoencoderOptions, decoder, downsampling, encoder } from "./autoencoder.ts";
import { type VectorQuantizer, vectorQuantizer } from "./vector-quantizer.ts";

export interface VqTokenizerOptions extends Omit<AutoencoderOptions, "separateAttention"> {
  readonly kind: "vq";
  readonly codebookSize: number;
  readonly codeChannels: number;
  /** Size of the token map. */
  readonly grid: { readonly height: number; readonly width: number };
}

export interface VqTokenizer {
  /** Pixels [B, 3, H, W] → the feature that is quantised, [B, C, h, w]. */
  feature(pixels: Tensor): Tensor;
  readonly quantizer: VectorQuantizer;
  /** Codes [B, C, h, w] → pixels [B, 3, H, W], not clamped. */
  pixels(codes: Tensor): Tensor;
}

/** Pixels per side of the pictures that the grid stands for. */
export function vqPictureSize(options: VqTokenizerOptions): { height: number; width: number } {
  const factor = downsampling(options);
  return { height: options.grid.height * factor, width: options.grid.width * factor };
}

export function vqTokenizer(options: VqTokenizerOptions): { bind(scope: Scope): VqTokenizer } {
  const { latentChannels, codeChannels } = options;
  const network = { ...options, separateAttention: true };
  return {
    bind: (scope) => {
      const encode = encoder(network).bind(scope.child("encoder"));
      const quantConv = conv({ inputs: latentChannels, outputs: codeChannels, kernel: 1 }).bind(
        scope.child("quantConv"),
      );
      const quantizer = vectorQuantizer(options).bind(scope.child("quantizer"));
      const postQuantConv = conv({ inputs: codeChannels, outputs: latentChannels, kernel: 1 }).bind(
        scope.child("postQuantConv"),
      );
      const decode = decoder(network).bind(scope.child("decoder"));
      return {
        feature: (pixels) => quantConv(encode(pixels)),
        quantizer,
        pixels: (codes) => decode(postQuantConv(codes)),
      };
    },
  };
}
