/** What a model is asked for, as tensors. */
import type { Tensor } from "../graph/node.ts";
import type { Scope } from "../nn/layer.ts";
import type { Random } from "../random/random.ts";
import type { HostTensor } from "../runtime/handle.ts";

/** What a text encoder made of a caption. */
export interface CaptionFeatures {
  /** One row per piece of text, float32 [n, D]; longer captions lose their last rows. */
  readonly features: Float32Array;
  /** Stands for the null branch of this caption. */
  readonly dropped?: boolean;
}

/** Words, a class number, a caption, or nothing: the null branch that guidance compares with. */
export type Request = string | number | CaptionFeatures | null;

export interface ConditionFeeds {
  readonly feeds: Readonly<Record<string, HostTensor>>;
  /** Words that the model has not learned, for a warning. */
  readonly unknown: readonly string[];
}

/** What a request may be, besides nothing. */
export type RequestForm =
  /** Free text; the words that were learned, for guesses at slips. */
  | { readonly kind: "words"; readonly known: readonly string[] }
  /** A number from 0 to count − 1. */
  | { readonly kind: "classes"; readonly count: number }
  /** Features of a text encoder: rows of so many numbers. */
  | { readonly kind: "features"; readonly channels: number };

/** Turns requests into condition vectors: one each, [B, C], or P each, [B, P, C]. */
export interface Conditioning {
  readonly accepts: RequestForm;
  /** P, where a request makes several vectors. */
  readonly length?: number;
  /** Which of several vectors say something, as 1 or 0: [B, P]; all of them, if absent. */
  valid?(inputs: Readonly<Record<string, Tensor>>): Tensor;
  /** The null branch of a request; `null`, if absent. */
  without?(request: Request): Request;
  /** Declares the graph's inputs for a batch. */
  inputs(batch: number): Readonly<Record<string, Tensor>>;
  bind(scope: Scope): (inputs: Readonly<Record<string, Tensor>>) => Tensor;
  /**
   * The numbers for `inputs`.
   *
   * @param variation while training: small changes that make the model robust, drawn from it.
   * @throws ConfigError for a request that this conditioning cannot express.
   */
  feeds(requests: readonly Request[], variation?: Random): ConditionFeeds;
}

/** What the rows of a step are conditioned on: the request and, for guidance, its null branch. */
export function branches(conditioning: Conditioning, request: Request, guided: boolean): Request[] {
  return guided ? [request, conditioning.without?.(request) ?? null] : [request];
}
