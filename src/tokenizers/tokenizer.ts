/**
 * Tokenizers of all kinds behind one interface, for whoever sends pictures through them.
 *
 * Axes: B batch · L tokens of all maps · N vectors · C code channels · H, W pixels
 */
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { concat } from "../graph/ops/layout.ts";
import type { Scope } from "../nn/layer.ts";
import type { ScaleSchedule } from "../orders/scale-schedule.ts";
import {
  type KlAutoencoderOptions,
  klAutoencoder,
  klPictureSize,
  tokenSizes,
  tokensOf,
} from "./kl-autoencoder.ts";
import { quantizerTerms } from "./residual-scale-vq.ts";
import { pictureSize, type ScaleTokenizerOptions, scaleTokenizer } from "./scale-tokenizer.ts";
import { entropyTerm } from "./vector-quantizer.ts";
import { type VqTokenizerOptions, vqPictureSize, vqTokenizer } from "./vq-tokenizer.ts";

/** Sizes of a tokenizer of any kind, as model folders hold them. */
export type TokenizerOptions = ScaleTokenizerOptions | VqTokenizerOptions | KlAutoencoderOptions;

export interface Tokenizer {
  /** Sizes of the token maps, coarse to fine. */
  readonly maps: ScaleSchedule;
  /** Absent where tokens are no codes. */
  readonly codebookSize?: number;
  /** Of its pictures, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
  bind(scope: Scope): BoundTokenizer;
}

export interface BoundTokenizer {
  /** Pixels [B, 3, H, W] in [−1, 1] through the tokens and back. */
  reconstruct(pixels: Tensor): Rebuilt;
  /** The same while training; absent where tokens are no codes. */
  train?(pixels: Tensor, weights: QuantizerWeights): QuantizerTraining;
}

export interface Rebuilt {
  /** Ids of all maps one after the other, int64 [B, L]; absent where tokens are no codes. */
  readonly ids?: Tensor;
  /** Tokens that are vectors, [B, L, C]. */
  readonly vectors?: Tensor;
  /** [B, 3, H, W], not clamped. */
  readonly pixels: Tensor;
}

export interface QuantizerWeights {
  /** Of the encoder's side of the quantiser's loss; the papers' β = 0.25. */
  readonly commitment: number;
  /** Of the entropy of codes, where the quantiser has such a term; 0 if absent. */
  readonly entropy?: number;
}

export interface QuantizerTraining extends Required<Omit<Rebuilt, "vectors">> {
  /** The vectors that were quantised, [N, C]: what dead codes may become. */
  readonly vectors: Tensor;
  /** The quantiser's part of the loss. */
  readonly loss: Tensor;
  /** Path of the codebook, from the tokenizer's own. */
  readonly codebook: string;
}

/** Whatever `config.json` says, as a tokenizer. */
export function tokenizerOf(options: TokenizerOptions): Tokenizer {
  if (options.kind === "kl") return normalTokenizer(options);
  return options.kind === "vq" ? vectorTokenizer(options) : multiScaleTokenizer(options);
}

function multiScaleTokenizer(options: ScaleTokenizerOptions): Tokenizer {
  return {
    maps: options.scales,
    codebookSize: options.codebookSize,
    size: pictureSize(options),
    bind: (scope) => {
      const { feature, quantizer, pixels } = scaleTokenizer(options).bind(scope);
      return {
        reconstruct: (x) => {
          const { ids, reconstructions } = quantizer.encode(feature(x));
          return { ids: concat(ids, 1), pixels: pixels(reconstructions.at(-1)!) };
        },
        train: (x, { commitment }) => {
          const found = feature(x);
          const { ids, residuals, reconstructions } = quantizer.encode(found);
          const { quantized, loss } = quantizerTerms(found, reconstructions, commitment);
          return {
            ids: concat(ids, 1),
            pixels: pixels(quantized),
            vectors: concat(residuals, 0),
            loss,
            codebook: "quantizer.codebook",
          };
        },
      };
    },
  };
}

function vectorTokenizer(options: VqTokenizerOptions): Tokenizer {
  return {
    maps: [options.grid],
    codebookSize: options.codebookSize,
    size: vqPictureSize(options),
    bind: (scope) => {
      const { feature, quantizer, pixels } = vqTokenizer(options).bind(scope);
      return {
        reconstruct: (x) => {
          const { ids, codes } = quantizer.encode(feature(x));
          return { ids, pixels: pixels(codes) };
        },
        train: (x, { commitment, entropy = 0 }) => {
          const { ids, unit, rows, codes } = quantizer.encode(feature(x));
          const { quantized, loss } = quantizerTerms(unit, [codes], commitment);
          const spread = () => multiply(entropyTerm(rows, quantizer.codebook), entropy);
          return {
            ids,
            pixels: pixels(quantized),
            vectors: rows,
            loss: entropy === 0 ? loss : add(loss, spread()),
            codebook: "quantizer.codebook",
          };
        },
      };
    },
  };
}

/** Through the mean of each latent, with nothing drawn. */
function normalTokenizer(options: KlAutoencoderOptions): Tokenizer {
  return {
    maps: [tokenSizes(options).grid],
    size: klPictureSize(options),
    bind: (scope) => {
      const { moments, pixels } = klAutoencoder(options).bind(scope);
      return {
        reconstruct: (x) => {
          const { mean } = moments(x);
          return { vectors: tokensOf(mean, options), pixels: pixels(mean) };
        },
      };
    },
  };
}
