/** What products are computed in. */
import type { Dtype } from "../graph/dtype.ts";

/**
 * `fp16`: products, what stands between two of them, and key-value caches in float16; everything that
 * sums, divides or exponentiates, parameters while they are trained, and the optimiser in float32.
 */
export const precisions = ["fp32", "fp16"] as const;
export type Precision = (typeof precisions)[number];

/** Stands in recipes after a device that computed in float16; `fp16` alone tells of weights. */
export const narrowWord = "products-fp16";

/** The element type of what a device keeps of its products from step to step. */
export function keptDtype({ precision }: { readonly precision: Precision }): Dtype {
  return precision === "fp16" ? "float16" : "float32";
}
