/** What a model is asked for, as tensors. */
import type { Tensor } from "../graph/node.ts";
import type { Scope } from "../nn/layer.ts";
import type { Random } from "../random/random.ts";
import type { HostTensor } from "../runtime/handle.ts";

/** Words, a class number, or nothing: the null branch that guidance compares with. */
export type Request = string | number | null;

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
  | { readonly kind: "classes"; readonly count: number };

/** Turns requests into condition vectors [B, C]. */
export interface Conditioning {
  readonly accepts: RequestForm;
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
