/**
 * The arithmetic of LPIPS (Zhang et al. 2018, v0.1) on feature maps that a network has made.
 *
 * Axes: B pictures · C channels · H rows · W columns.
 */

import { ShapeError } from "../errors.ts";

/** What one layer of a network says of B pictures: [B, C, H, W] row-major. */
export interface FeatureMaps {
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array | Float64Array;
}

/** LPIPS v0.1 feeds (x − shift) / scale, per channel, for pixels x in [-1, 1]. */
export const lpipsInput: {
  readonly shift: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
} = { shift: [-0.03, -0.088, -0.188], scale: [0.458, 0.448, 0.45] };

/**
 * Σ over layers of the mean over positions of Σ_c w_c (f_c / ‖f‖ − g_c / ‖g‖)², for each picture.
 *
 * With the learned weights of LPIPS this is LPIPS; without weights all are 1, and its name is
 * PercDist with the network in brackets. Values of different networks cannot be compared.
 *
 * @param first, second the layers of the two sets, in one order.
 * @param weights one non-negative weight a channel, for each layer: [layers][C].
 * @returns [B].
 * @throws ShapeError for layers that do not match.
 */
export function perceptualDistances(
  first: readonly FeatureMaps[],
  second: readonly FeatureMaps[],
  weights?: readonly ArrayLike<number>[],
): Float64Array {
  const count = first[0]?.count ?? 0;
  if (first.length === 0 || first.length !== second.length) {
    throw mismatch("layers", `${Math.max(first.length, 1)} layers twice`, `${second.length}`);
  }
  if (weights && weights.length !== first.length) {
    throw mismatch("weights", `weights for ${first.length} layers`, `${weights.length}`);
  }
  const total = new Float64Array(count);
  for (const [layer, maps] of first.entries()) {
    const others = second[layer]!;
    requireSame(`layer ${layer}`, maps, others, count);
    const w = weights?.[layer];
    if (w && w.length !== maps.channels) {
      throw mismatch(`layer ${layer}`, `${maps.channels} weights`, `${w.length}`);
    }
    for (let b = 0; b < count; b++) total[b]! += layerDistance(maps, others, b, w);
  }
  return total;
}

/** As in the released code: keeps positions where a network is silent from dividing by 0. */
const epsilon = 1e-10;

function layerDistance(
  first: FeatureMaps,
  second: FeatureMaps,
  picture: number,
  weights: ArrayLike<number> | undefined,
): number {
  const { channels, height, width } = first;
  const area = height * width;
  const start = picture * channels * area;
  let sum = 0;
  for (let p = 0; p < area; p++) {
    const lengthF = length(first.values, start + p, area, channels) + epsilon;
    const lengthG = length(second.values, start + p, area, channels) + epsilon;
    for (let c = 0; c < channels; c++) {
      const at = start + c * area + p;
      const difference = first.values[at]! / lengthF - second.values[at]! / lengthG;
      sum += (weights ? weights[c]! : 1) * difference * difference;
    }
  }
  return sum / area;
}

function length(
  values: FeatureMaps["values"],
  from: number,
  step: number,
  channels: number,
): number {
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += values[from + c * step]! ** 2;
  return Math.sqrt(sum);
}

function requireSame(where: string, a: FeatureMaps, b: FeatureMaps, count: number): void {
  const shape = (maps: FeatureMaps) =>
    `[${maps.count}, ${maps.channels}, ${maps.height}, ${maps.width}]`;
  const size = a.count * a.channels * a.height * a.width;
  const fits = a.values.length === size && b.values.length === size && a.count === count;
  if (shape(a) !== shape(b) || !fits) {
    throw mismatch(
      where,
      `twice ${shape(a)} for ${count} pictures`,
      `${shape(b)} with ${a.values.length} and ${b.values.length} values`,
    );
  }
}

function mismatch(where: string, expected: string, got: string): ShapeError {
  return new ShapeError({ where: `perceptualDistances: ${where}`, expected, got });
}
