/**
 * Mixtures of codes in place of drawn ones (sheet var, "Sampling": `more_smooth`): smoother to look
 * at, but no longer tokens, so never for measuring.
 *
 *   w = softmax((logits·(1 + r) + G) / τ) over what top-k and top-p left,  code = w·E
 *
 * with Gumbel noise G and τ = max(0.27·(1 − 0.95·r), 0.005) at progress r. For τ → 0 the mixture is
 * one code, drawn with the probabilities softmax(logits·(1 + r)).
 *
 * Axes: N rows · V codebook size · k kept candidates · C latent channels
 */
import type { Tensor } from "../graph/node.ts";
import { add, divide, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { gatherElements, lookup } from "../graph/ops/indexing.ts";
import { reshape } from "../graph/ops/layout.ts";
import { matmul } from "../graph/ops/product.ts";
import { softmax } from "../graph/ops/softmax.ts";
import type { Random } from "../random/random.ts";
import type { Candidates } from "./categorical.ts";

export interface Smoothing {
  /** Standard Gumbel noise of every code, [N, V]; by code, so that ranks which swap keep theirs. */
  readonly noise: Tensor;
  /** 1 + r, rank 0. */
  readonly sharpness: Tensor;
  /** τ, rank 0. */
  readonly temperature: Tensor;
}

/** Finite, because shaders may assume that no infinity occurs; e to this power is 0. */
const DROPPED = -1e9;

/** Mixtures of the kept candidates' codes. codebook [V, C] → [N, C]. */
export function smoothCodes(
  { logits, ids, kept }: Candidates,
  codebook: Tensor,
  { noise, sharpness, temperature }: Smoothing,
): Tensor {
  const noisy = add(multiply(logits, sharpness), gatherElements(noise, ids));
  const dropped = multiply(subtract(1, kept), DROPPED);
  const weights = softmax(add(divide(noisy, temperature), dropped));
  const [rows, count] = weights.shape;
  const mixed = matmul(reshape(weights, [rows!, 1, count!]), lookup(codebook, ids), {
    exact: true,
  });
  return reshape(mixed, [rows!, codebook.shape[1]!]);
}

/** τ and 1 + r of step `step` (from 0) of `steps`; a lone step is the last one. */
export function smoothingAt(
  step: number,
  steps: number,
): { readonly sharpness: number; readonly temperature: number } {
  const r = steps === 1 ? 1 : step / (steps - 1);
  return { sharpness: 1 + r, temperature: Math.max(0.27 * (1 - 0.95 * r), 0.005) };
}

/** Standard Gumbel noise, −ln(−ln u). */
export function gumbels(random: Random, count: number): Float32Array {
  // half a step of the 32-bit grid off 0, where the noise would be infinite
  return Float32Array.from(
    { length: count },
    () => -Math.log(-Math.log(random.uniform() + 2 ** -33)),
  );
}
