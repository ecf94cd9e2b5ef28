/**
 * Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"): momentum of
 * every weight matrix, made nearly orthogonal before it is followed, so that directions which few
 * examples ask for are learnt as fast as those that all ask for. Averages of the parameters are kept as
 * AdamW keeps them.
 *
 *   m ← μ·m + g
 *   p ← keep·p − rate·0.2·√max(rows, columns)·orthogonal(g + μ·m)
 *
 * The factor gives an update the size that AdamW's have, so that both share rate and weight decay (Liu
 * et al. 2025, "Muon is scalable for LLM training", section 2.2).
 */
import type { Tensor } from "../graph/node.ts";
import { add, divide, multiply } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { exactGemm } from "../graph/ops/product.ts";
import { sumOfSquares } from "../graph/ops/reduce.ts";
import { sqrt } from "../graph/ops/unary.ts";

export interface MuonOptions {
  /** Share of the gradients so far that is kept, μ. */
  readonly momentum: number;
  /** Of Newton and Schulz; 5 unless given. Few leave directions that are hardly asked for small. */
  readonly iterations?: number;
  /**
   * Parts of the names of matrices that AdamW updates nevertheless: tables of embeddings, and the last
   * layer.
   */
  readonly except: readonly string[];
}

/** What every singular value is taken through, a·s + b·s³ + c·s⁵: from 0.0015 on to 0.68 … 1.2 in five steps. */
const COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;
const ITERATIONS = 5;

/** The size of AdamW's updates, root mean square, in units of the rate. */
const SIZE = 0.2;

/**
 * The nearest matrix with orthonormal rows or columns, roughly: after five iterations singular values
 * from 0.0015 of the norm on end between 0.68 and 1.2 (Newton–Schulz). [rows, columns] → the same shape.
 */
export function orthogonal(x: Tensor, iterations: number = ITERATIONS): Tensor {
  const [rows, columns] = x.shape as readonly [number, number];
  const wide = rows <= columns;
  const [a, b, c] = COEFFICIENTS;
  const norm = sqrt(reshape(sumOfSquares(x), []));
  let y = divide(x, add(norm, 1e-7));
  for (let i = 0; i < iterations; i++) {
    const square = exactGemm(y, y, !wide, wide);
    const factor = add(multiply(square, b), multiply(exactGemm(square, square, false, false), c));
    const change = wide ? exactGemm(factor, y, false, false) : exactGemm(y, factor, false, false);
    y = add(multiply(y, a), change);
  }
  return y;
}

/** The momentum with the gradient in it, and what is taken from the parameter. */
export function muonChange(
  gradient: Tensor,
  before: Tensor,
  rate: Tensor,
  { momentum, iterations }: MuonOptions,
): { readonly momentum: Tensor; readonly change: Tensor } {
  const { shape } = gradient as { shape: readonly number[] };
  const [rows, columns] = matrixOf(shape);
  const after = add(multiply(before, momentum), gradient);
  const direction = reshape(add(gradient, multiply(after, momentum)), [rows, columns]);
  const scale = SIZE * Math.sqrt(Math.max(rows, columns));
  const step = reshape(multiply(orthogonal(direction, iterations), scale), shape);
  return { momentum: after, change: multiply(step, rate) };
}

/** Kernels are matrices from all that they see to their outputs: [O, I, …] as [O, I·…]. */
function matrixOf([rows, ...others]: readonly number[]): [rows: number, columns: number] {
  return [rows!, others.reduce((a, b) => a * b, 1)];
}
