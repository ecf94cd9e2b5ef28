/**
 * Resampling along one axis as a constant matrix: y = M·x with M Float32Array [outSize, inSize],
 * row-major. A picture is resampled by one matrix per axis, in either order.
 *
 * Weights are computed in float64 and rounded once. Pixel i covers [i, i + 1), its centre lies at
 * i + ½ ("align_corners = false").
 */
import { ShapeError } from "../errors.ts";

/**
 * Adaptive average pooling: output i is the mean of inputs ⌊i·in/out⌋ … ⌈(i+1)·in/out⌉ − 1.
 *
 * Where the sizes do not divide, neighbouring bins overlap.
 */
export function areaMatrix(inSize: number, outSize: number): Float32Array {
  return weights("areaMatrix", inSize, outSize, (i, add) => {
    const first = Math.floor((i * inSize) / outSize);
    const end = Math.ceil(((i + 1) * inSize) / outSize);
    for (let j = first; j < end; j++) add(j, 1 / (end - first));
  });
}

/**
 * Bicubic interpolation (Keys 1981 with A = −0.75), no antialiasing; taps beyond the border read the
 * border pixel. It overshoots, and nobody clamps that.
 */
export function bicubicMatrix(inSize: number, outSize: number): Float32Array {
  return weights("bicubicMatrix", inSize, outSize, (i, add) => {
    const source = centre(i, inSize, outSize);
    const first = Math.floor(source) - 1;
    for (let j = first; j < first + 4; j++) add(j, cubic(source - j));
  });
}

/** Linear interpolation between the two nearest pixels, no antialiasing, border pixels repeated. */
export function bilinearMatrix(inSize: number, outSize: number): Float32Array {
  return weights("bilinearMatrix", inSize, outSize, (i, add) => {
    const source = centre(i, inSize, outSize);
    const first = Math.floor(source);
    add(first, 1 - (source - first));
    add(first + 1, source - first);
  });
}

/**
 * Linear interpolation as TensorFlow 1's `resize_bilinear` has it, in which FID's network was trained:
 * output i lies at i·in/out, so that pixels are corners, not centres.
 */
export function cornerBilinearMatrix(inSize: number, outSize: number): Float32Array {
  return weights("cornerBilinearMatrix", inSize, outSize, (i, add) => {
    const source = (i * inSize) / outSize;
    const first = Math.floor(source);
    add(first, 1 - (source - first));
    add(first + 1, source - first);
  });
}

/** Output i copies input ⌊i·in/out⌋. */
export function nearestMatrix(inSize: number, outSize: number): Float32Array {
  return weights("nearestMatrix", inSize, outSize, (i, add) => {
    add(Math.floor((i * inSize) / outSize), 1);
  });
}

type AddTap = (input: number, weight: number) => void;

/** Collects each row's taps; those outside go to the border, where weights add up. */
function weights(
  where: string,
  inSize: number,
  outSize: number,
  row: (output: number, add: AddTap) => void,
): Float32Array {
  requireSizes(where, inSize, outSize);
  const matrix = new Float64Array(outSize * inSize);
  for (let i = 0; i < outSize; i++) {
    row(i, (j, weight) => {
      const column = Math.min(Math.max(j, 0), inSize - 1);
      matrix[i * inSize + column]! += weight;
    });
  }
  return Float32Array.from(matrix);
}

/** Where the centre of output pixel i lies among the centres of the input pixels. */
function centre(i: number, inSize: number, outSize: number): number {
  return ((i + 0.5) * inSize) / outSize - 0.5;
}

function cubic(distance: number): number {
  const a = -0.75;
  const t = Math.abs(distance);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return 0;
}

function requireSizes(where: string, inSize: number, outSize: number): void {
  const isSize = (size: number) => Number.isSafeInteger(size) && size > 0;
  if (isSize(inSize) && isSize(outSize)) return;
  throw new ShapeError({
    where,
    expected: "sizes of at least 1",
    got: `input ${inSize} and output ${outSize}`,
  });
}
