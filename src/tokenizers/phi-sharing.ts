/**
 * Which φ convolution refines which scale of a multi-scale residual quantiser (VAR's sheet,
 * "Quantiser").
 *
 * Axes: K scales, s = 0 … K − 1; n convolutions.
 */

/**
 * How many convolutions the scales share: 0 gives each scale its own, 1 is one for all, n ≥ 2 spreads
 * n of them over the scales. The released weights share 4; papers call this `share_quant_resi`.
 */
export type PhiSharing = number;

/** How many convolutions there are for a schedule of `scales` maps. */
export function phiCount(scales: number, sharing: PhiSharing): number {
  return sharing === 0 ? scales : sharing;
}

/** The convolution of each scale, Int32Array [K]: for K = 10 and n = 4, 0 0 1 1 1 2 2 3 3 3. */
export function phiMap(scales: number, sharing: PhiSharing): Int32Array {
  return Int32Array.from({ length: scales }, (_, scale) => phiIndex(scale, scales, sharing));
}

/**
 * The convolution of scale `scale` (from 0) of `scales`: the one whose tick lies nearest to s/(K − 1).
 *
 * A lone scale uses φ₀ (the released code divides by zero there).
 */
export function phiIndex(scale: number, scales: number, sharing: PhiSharing): number {
  // one tick per scale, (s + ½)/K, is always nearest to its own scale
  if (sharing === 0) return scale;
  if (sharing === 1 || scales === 1) return 0;
  const at = scale / (scales - 1);
  const distances = ticks(sharing).map((tick) => Math.abs(tick - at));
  return distances.indexOf(Math.min(...distances));
}

/**
 * Where the convolutions sit in [0, 1].
 *
 * For K = 10, scales 2 and 7 lie exactly between two ticks and only the rounding of the released
 * code's float64 `linspace` decides; so the operations here are the same, in the same order.
 */
function ticks(count: number): number[] {
  const margin = count === 4 ? 1 / 3 / 4 : 1 / 2 / count;
  const spacing = (1 - margin - margin) / (count - 1);
  return Array.from({ length: count }, (_, i) =>
    i === count - 1 ? 1 - margin : i * spacing + margin,
  );
}
