/**
 * Tokens as one choice out of V: cross-entropy while training; guidance, temperature, top-k, top-p
 * and the draw inside the graph while sampling (ENGINE 6).
 *
 * Axes: N rows · V codebook size · k kept candidates
 */
import type { Tensor } from "../graph/node.ts";
import { add, divide, minimum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { cast, indicator, less } from "../graph/ops/compare.ts";
import { gatherElements } from "../graph/ops/indexing.ts";
import { cumulativeSum, topK } from "../graph/ops/order.ts";
import { sum } from "../graph/ops/reduce.ts";
import { softmax } from "../graph/ops/softmax.ts";
import { constant } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";

/** u + s·(c − u): s = 1 is the condition alone, whatever the unconditional branch says. */
export function guide(conditional: Tensor, unconditional: Tensor, scale: Tensor): Tensor {
  return add(unconditional, multiply(scale, subtract(conditional, unconditional)));
}

export interface Truncation {
  /** Candidates per row, at most V; fixed when the graph is compiled. */
  readonly topK: number;
  /** Probability mass that is kept, rank 0. */
  readonly topP: Tensor;
  /** Rank 0. */
  readonly temperature: Tensor;
}

export interface Candidates {
  /** Their logits over the temperature, in descending order, [N, k]. */
  readonly logits: Tensor;
  /** Their probabilities among the k. */
  readonly probabilities: Tensor;
  /** Codebook ids, int64 [N, k]. */
  readonly ids: Tensor;
  /** 1 for those that top-p keeps, else 0. */
  readonly kept: Tensor;
}

/** The k best codes of every row, and which of them top-p keeps; the best is always kept. */
export function candidates(logits: Tensor, { topK: k, topP, temperature }: Truncation): Candidates {
  const { values, indices } = topK(divide(logits, temperature), k);
  const probabilities = softmax(values);
  // the mass of all better candidates; a tail of exactly 1 − p is dropped, as in the released code
  const before = subtract(cumulativeSum(probabilities), probabilities);
  const best = constant(
    Float32Array.from({ length: k }, (_, i) => (i === 0 ? 1 : 0)),
    [1, k],
  );
  const inside = indicator(less(before, topP));
  const kept = add(best, multiply(inside, subtract(1, best)));
  return { logits: values, probabilities, ids: indices, kept };
}

/** Draws one candidate per row by inverse distribution. uniforms [N, 1] → ids int64 [N, 1]. */
export function draw({ probabilities, ids, kept }: Candidates, uniforms: Tensor): Tensor {
  const mass = multiply(probabilities, kept);
  const reached = cumulativeSum(mass);
  const target = multiply(uniforms, sum(mass, -1));
  // as many candidates as lie wholly below the target; rounding may count one too many
  const passed = multiply(indicator(less(reached, target)), kept);
  const rank = minimum(sum(passed, -1), subtract(sum(kept, -1), 1));
  return gatherElements(ids, cast(rank, "int64"));
}

/**
 * Draws out of all V codes without sorting them, which at V = 16 384 is a fifth of a step with int4
 * weights. uniforms [N, 1] → ids int64 [N, 1]; not the code that `draw` finds for the same uniform.
 */
export function drawFromAll(logits: Tensor, temperature: Tensor, uniforms: Tensor): Tensor {
  const reached = cumulativeSum(softmax(divide(logits, temperature)));
  const codes = logits.shape.at(-1) as number;
  // the last sum, and not 1, so that rounding leaves nothing out of reach
  const target = multiply(uniforms, slice(reached, 1, codes - 1));
  const passed = sum(indicator(less(reached, target)), -1);
  return cast(minimum(passed, codes - 1), "int64");
}
