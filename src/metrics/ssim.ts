/**
 * Structural similarity (Wang et al. 2004) in the variants that published numbers come from.
 *
 * Axes: H rows · W columns · C channels.
 */

import { ConfigError, ShapeError } from "../errors.ts";

/** Values [H, W, C] row-major; a `Picture` is one. */
export interface PixelValues {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/**
 * Which library's number it is.
 *
 * - `scikit-image`: its default, uniform window 7×7 and sample covariance.
 * - `gaussian`: Wang et al., Gaussian window of 11 taps with σ = 1.5 and population covariance.
 * - `torchmetrics`: as `gaussian`, negative variances from rounding set to 0.
 * - `llamagen-compat`: `scikit-image` with twice the range, as LlamaGen's script measures; larger.
 */
export type SsimVariant = "scikit-image" | "gaussian" | "torchmetrics" | "llamagen-compat";

export interface SsimOptions {
  /** Distance from the darkest to the brightest possible value: 255 for bytes. */
  readonly range: number;
  readonly variant?: SsimVariant;
}

interface Window {
  readonly weights: Float64Array;
  /** Factor of variances and covariance. */
  readonly norm: number;
}

const uniform7: Window = { weights: new Float64Array(7).fill(1 / 7), norm: 49 / 48 };
const gaussian11: Window = { weights: gaussianWeights(1.5, 5), norm: 1 };

const windows: Readonly<Record<SsimVariant, Window>> = {
  "scikit-image": uniform7,
  gaussian: gaussian11,
  torchmetrics: gaussian11,
  "llamagen-compat": uniform7,
};

/**
 * Mean similarity over all window positions inside the picture and all channels; 1 only for equal
 * pictures.
 *
 * Positions whose window would cross the border are left out: 3 pixels a side, or 5.
 *
 * @throws ShapeError for pictures of different or too small sizes; ConfigError for the range.
 */
export function ssim(
  a: PixelValues,
  b: PixelValues,
  { range, variant = "scikit-image" }: SsimOptions,
): number {
  const window = windows[variant];
  const channels = requirePair(a, b, window.weights.length);
  if (!(range > 0 && Number.isFinite(range))) {
    throw new ConfigError({
      where: "ssim: range",
      expected: "a number above 0",
      got: `${range}`,
      hint: "Give 255 for bytes, 1 for [0, 1], 2 for [-1, 1]",
    });
  }
  const scale = variant === "llamagen-compat" ? 2 * range : range;
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    sum += planeSimilarity(plane(a, c, channels), plane(b, c, channels), a, {
      window,
      range: scale,
      clampVariance: variant === "torchmetrics",
    });
  }
  return sum / channels;
}

/**
 * The range that torchmetrics takes when none is given: the larger extent of the two pictures' own
 * values, so that the same error counts more in a dull picture.
 */
export function rangeOfValues(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(extent(a), extent(b));
}

function extent(values: ArrayLike<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return high - low;
}

function requirePair(a: PixelValues, b: PixelValues, side: number): number {
  const channels = a.data.length / (a.width * a.height);
  if (a.width !== b.width || a.height !== b.height || a.data.length !== b.data.length) {
    throw new ShapeError({
      where: "ssim",
      expected: `two pictures of ${a.width}x${a.height}`,
      got: `${b.width}x${b.height}`,
    });
  }
  if (!Number.isInteger(channels) || Math.min(a.width, a.height) < side) {
    throw new ShapeError({
      where: "ssim",
      expected: `whole pixels, and ${side} or more a side`,
      got: `${a.width}x${a.height} with ${a.data.length} values`,
    });
  }
  return channels;
}

function plane({ data }: PixelValues, channel: number, channels: number): Float64Array {
  return Float64Array.from(
    { length: data.length / channels },
    (_, i) => data[i * channels + channel]!,
  );
}

interface PlaneOptions {
  readonly window: Window;
  readonly range: number;
  readonly clampVariance: boolean;
}

function planeSimilarity(
  x: Float64Array,
  y: Float64Array,
  size: { readonly width: number; readonly height: number },
  { window: { weights, norm }, range, clampVariance }: PlaneOptions,
): number {
  const blur = (values: Float64Array) => windowMeans(values, size, weights);
  const product = (p: Float64Array, q: Float64Array) => p.map((value, i) => value * q[i]!);
  const [meanX, meanY] = [blur(x), blur(y)];
  const [squareX, squareY, cross] = [blur(product(x, x)), blur(product(y, y)), blur(product(x, y))];
  const c1 = (0.01 * range) ** 2;
  const c2 = (0.03 * range) ** 2;
  const least = clampVariance ? 0 : Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const [ux, uy] = [meanX[i]!, meanY[i]!];
    const vx = Math.max(least, norm * (squareX[i]! - ux * ux));
    const vy = Math.max(least, norm * (squareY[i]! - uy * uy));
    const vxy = norm * (cross[i]! - ux * uy);
    sum += ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux * ux + uy * uy + c1) * (vx + vy + c2));
  }
  return sum / meanX.length;
}

/** Weighted means of all windows that lie inside, first along rows, then along columns. */
function windowMeans(
  values: Float64Array,
  { width, height }: { readonly width: number; readonly height: number },
  weights: Float64Array,
): Float64Array {
  const taps = weights.length;
  const columns = width - taps + 1;
  const rows = height - taps + 1;
  const along = new Float64Array(height * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += weights[t]! * values[y * width + x + t]!;
      along[y * columns + x] = sum;
    }
  }
  const means = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += weights[t]! * along[(y + t) * columns + x]!;
      means[y * columns + x] = sum;
    }
  }
  return means;
}

function gaussianWeights(sigma: number, radius: number): Float64Array {
  const raw = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}
