/**
 * AdamW (Loshchilov & Hutter 2019), one parameter's part of an update.
 *
 * Moments are kept without their constant factors, m̃ ← β₁m̃ + g and ṽ ← β₂ṽ + g²; the factors and
 * bias corrections are folded into two scalars outside the graph, which saves three passes over
 * every parameter (ENGINE 7):
 *
 *   change = rate·m̃ / (√ṽ + ε′)
 */
import type { Tensor } from "../graph/node.ts";
import { add, divide, multiply } from "../graph/ops/arithmetic.ts";
import { sqrt, square } from "../graph/ops/unary.ts";

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface Moments {
  readonly first: Tensor;
  readonly second: Tensor;
}

/** The moments with the gradient in them, and what is taken from the parameter. */
export function adamWChange(
  gradient: Tensor,
  before: Moments,
  { rate, epsilon }: { readonly rate: Tensor; readonly epsilon: Tensor },
  { beta1, beta2 }: AdamWOptions,
): Moments & { readonly change: Tensor } {
  const first = add(multiply(before.first, beta1), gradient);
  const second = add(multiply(before.second, beta2), square(gradient));
  return { first, second, change: divide(multiply(first, rate), add(sqrt(second), epsilon)) };
}

/** rate and ε′ of update `updates` (from 0), with the factors and bias corrections folded in. */
export function adamWScalars(
  { beta1, beta2, epsilon }: AdamWOptions,
  { learningRate, updates }: { readonly learningRate: number; readonly updates: number },
): { readonly rate: number; readonly epsilon: number } {
  const t = updates + 1;
  const first = (1 - beta1) / (1 - beta1 ** t);
  const second = Math.sqrt((1 - beta2) / (1 - beta2 ** t));
  return { rate: (learningRate * first) / second, epsilon: epsilon / second };
}
