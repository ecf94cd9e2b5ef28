/** Scaled dot-product attention. */
import { ShapeError } from "../../errors.ts";
import { equalDims, shapeText } from "../dim.ts";
import type { Emitter } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireRank } from "../op.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { emitFusedMatMul, matmul, swapLast } from "./product.ts";
import { sum } from "./reduce.ts";

interface AttentionAttributes {
  /** Factor on the products of queries and keys. */
  readonly scale: number;
}

/**
 * Outputs: the attended values [B, H, S, D], and the probabilities [B, H, S, T] that the gradient
 * needs. Plain products and softmax: the one form that runs on every provider (ENGINE 2).
 */
export const attentionOp: Op<AttentionAttributes> = {
  name: "attention",
  infer: ([q, k, v]) => {
    for (const x of [q!, k!, v!]) requireRank("attention", x, 4);
    const [batch, heads, queries, width] = q!.shape;
    const keys = k!.shape[2]!;
    if (!equalDims(width!, k!.shape[3]!) || !equalDims(keys, v!.shape[2]!)) {
      throw new ShapeError({
        where: "attention",
        expected: "q [B, H, S, D], k [B, H, T, D], v [B, H, T, D]",
        got: [q!, k!, v!].map((x) => shapeText(x.shape)).join(", "),
      });
    }
    return [
      { dtype: "float32", shape: [batch!, heads!, queries!, v!.shape[3]!] },
      { dtype: "float32", shape: [batch!, heads!, queries!, keys] },
    ];
  },
  emit: (emitter, { inputs: [q, k, v, bias], outputs, attributes: { scale } }) => {
    let scores = emitScores(emitter, [q!, k!], scale);
    // an added bias costs 1.8 ms where a selection costs 4.8 (ENGINE 2)
    if (bias) scores = emitter.node("Add", [scores, bias]);
    emitter.node("Softmax", [scores], outputs[1]!, { attributes: { axis: { int: -1 } } });
    emitter.node("MatMul", [outputs[1]!, v!], outputs[0]!);
  },
  // dS = P ⊙ (dP − D) with D = Σ dO ⊙ O, a sum over the small tensor instead of over [S, T]
  gradient: ({ g, inputs: [q, k, v, bias], outputs: [o, p], attributes: { scale } }) => {
    const dP = matmul(g, v!, { transposeB: true });
    const dS = multiply(p!, subtract(dP, sum(multiply(g, o!), -1)));
    return [
      matmul(dS, k!, { scale }),
      // qᵀ·dS turned afterwards is up to a fifth faster than dSᵀ·q: [S, T] is not turned inside
      swapLast(matmul(q!, dS, { transposeA: true, scale })),
      swapLast(matmul(g, p!, { transposeA: true })),
      bias && dS,
    ];
  },
};

/** scale·q·kᵀ */
function emitScores(
  emitter: Emitter,
  [q, k]: readonly [q: string, k: string],
  scale: number,
): string {
  if (emitter.target === "cpu") {
    return emitFusedMatMul(emitter, [q, k], undefined, { transposeB: true, scale });
  }
  const attributes = { perm: { ints: [0, 1, 3, 2] } };
  const kT = emitter.node("Transpose", [k], undefined, { attributes });
  // the scale goes on the small tensor
  const scaled = scale === 1 ? q : emitter.node("Mul", [q, emitter.scalar(scale)]);
  return emitter.node("MatMul", [scaled, kT]);
}

/**
 * softmax(scale·q·kᵀ + bias)·v. q [B, H, S, D], k and v [B, H, T, D], bias broadcast to
 * [B, H, S, T]: 0 where a query may look, −∞ elsewhere.
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { scale, bias }: { readonly scale: number; readonly bias?: Tensor },
): Tensor {
  return apply(attentionOp, bias ? [q, k, v, bias] : [q, k, v], { scale });
}
