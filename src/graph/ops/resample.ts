/** Resizing of maps by two matrix products, one per side (ENGINE 4: 40 times faster than Resize). */
import type { Tensor } from "../node.ts";
import { matmul } from "./product.ts";

/** Maps are summed scale by scale: they are as exact as what they are summed to. */
const exact = { exact: true };

/**
 * rows · x · columnsᵀ. x [B, C, H, W], rows [H′, H], columns [W, W′] (already transposed)
 * → [B, C, H′, W′]. The matrices are those of graph/resample-matrix.ts.
 */
export function resample(x: Tensor, rows: Tensor, columns: Tensor): Tensor {
  return matmul(matmul(rows, x, exact), columns, exact);
}
