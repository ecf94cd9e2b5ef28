/** Features of a token as several heads, and back. Axes: B batch · S tokens · C width · H heads. */
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { chunk, reshape, transpose } from "../graph/ops/layout.ts";

/** Queries, keys and values in one tensor [B, S, 3·C], in this order → three of [B, H, S, C / H]. */
export function splitHeads(qkv: Tensor, heads: number): [q: Tensor, k: Tensor, v: Tensor] {
  const [batch, length, triple] = qkv.shape as [Dim, Dim, number];
  const size = triple / 3 / heads;
  return chunk(qkv, 3, 2).map((part) =>
    transpose(reshape(part, [batch, length, heads, size]), [0, 2, 1, 3]),
  ) as [Tensor, Tensor, Tensor];
}

/** [B, H, S, C / H] → [B, S, C]. */
export function mergeHeads(x: Tensor): Tensor {
  const [batch, heads, length, size] = x.shape as [Dim, number, Dim, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * size]);
}
