/**
 * Weight matrices in fewer bytes, for sampling. Pure functions: numbers in, codes and scales out.
 *
 * Axes: N outputs · K inputs · G = ⌈K / block⌉ blocks
 */
import { toFloat16Bits } from "../checkpoints/half.ts";
import { CheckpointError } from "../errors.ts";

/**
 * - `int8`: whole numbers with a scale for each output, laid out [K, N].
 * - `int8-blocks`, `int4-blocks`: whole numbers with a scale for each block of inputs.
 */
export const matrixFormats = ["float32", "float16", "int8", "int8-blocks", "int4-blocks"] as const;
export type MatrixFormat = (typeof matrixFormats)[number];

/** Inputs of one output that share a scale. */
export const BLOCK = 32;

/**
 * Largest int8 weight. The kernel multiplies with inputs of 8 bits and, on AVX2 without VNNI, adds
 * two products in 16 bits: 2·255·64 is the most that does not saturate. With 127 the error is the
 * same on such CPUs, for all the finer steps, and differs from one CPU to the next.
 */
export const INT8_LIMIT = 64;

/** What stands for a matrix; the scales are missing from `float16`. */
export interface PackedMatrix {
  readonly values: Uint16Array | Int8Array | Uint8Array;
  readonly scales?: Float32Array;
}

export type PackedValues = PackedMatrix["values"] | Float32Array;

/** Matrices of a model in one format, with their scales, by path. */
export interface PackedMatrices {
  readonly format: Exclude<MatrixFormat, "float32">;
  readonly values: ReadonlyMap<string, PackedValues>;
}

export interface MatrixSource {
  /** The matrix's name, for the error. */
  readonly where: string;
  /** [N, K], row-major. */
  readonly weights: Float32Array;
  readonly shape: readonly [outputs: number, inputs: number];
}

/** @throws CheckpointError for numbers that are not finite, or too large for float16. */
export function packMatrix(
  format: Exclude<MatrixFormat, "float32">,
  source: MatrixSource,
): PackedMatrix {
  if (format === "float16") return halves(source);
  if (format === "int8") return columns(source);
  return blocks(source, format === "int4-blocks" ? 4 : 8);
}

const LARGEST_FLOAT16 = 65504;

function halves({ where, weights }: MatrixSource): PackedMatrix {
  for (let i = 0; i < weights.length; i++) {
    if (!(Math.abs(weights[i]!) <= LARGEST_FLOAT16)) throw unfit(where, i, weights[i]!, "float16");
  }
  return { values: toFloat16Bits(weights) };
}

/** Outputs written side by side, so that both arrays are walked through the caches. */
const TILE = 64;

function columns({ where, weights, shape: [outputs, inputs] }: MatrixSource): PackedMatrix {
  const values = new Int8Array(outputs * inputs);
  const scales = new Float32Array(outputs);
  const inverse = new Float64Array(outputs);
  for (let n = 0; n < outputs; n++) {
    const begin = n * inputs;
    const largest = Math.abs(weights[largestOf(where, weights, begin, begin + inputs)] ?? 0);
    scales[n] = largest / INT8_LIMIT;
    inverse[n] = scales[n] === 0 ? 0 : 1 / scales[n]!;
  }
  for (let from = 0; from < outputs; from += TILE) {
    const to = Math.min(from + TILE, outputs);
    for (let k = 0; k < inputs; k++) {
      for (let n = from; n < to; n++) {
        const code = Math.round(weights[n * inputs + k]! * inverse[n]!);
        values[k * outputs + n] = Math.max(-INT8_LIMIT, Math.min(INT8_LIMIT, code));
      }
    }
  }
  return { values, scales };
}

/**
 * The number of the largest size in a block is one end of the range, −2^(bits − 1), so that its
 * sign becomes that of the scale.
 */
function blocks(
  { where, weights, shape: [outputs, inputs] }: MatrixSource,
  bits: 4 | 8,
): PackedMatrix {
  const half = 2 ** (bits - 1);
  const perRow = Math.ceil(inputs / BLOCK);
  const blockBytes = (BLOCK * bits) / 8;
  // padding is the code of zero
  const padding = bits === 4 ? 0x88 : 0x80;
  const values = new Uint8Array(outputs * perRow * blockBytes).fill(padding);
  const scales = new Float32Array(outputs * perRow);
  for (let n = 0; n < outputs; n++) {
    for (let g = 0; g < perRow; g++) {
      const begin = n * inputs + g * BLOCK;
      const end = Math.min(begin + BLOCK, (n + 1) * inputs);
      const scale = Math.fround(weights[largestOf(where, weights, begin, end)]! / -half);
      const at = n * perRow + g;
      if (scale === 0) continue;
      scales[at] = scale;
      const inverse = 1 / scale;
      for (let i = begin; i < end; i++) {
        const raw = Math.floor(weights[i]! * inverse + half + 0.5);
        const code = Math.max(0, Math.min(2 * half - 1, raw));
        const place = i - begin;
        if (bits === 8) values[at * blockBytes + place] = code;
        else {
          const byte = at * blockBytes + (place >> 1);
          const old = values[byte]!;
          values[byte] = place & 1 ? (old & 0x0f) | (code << 4) : (old & 0xf0) | code;
        }
      }
    }
  }
  return { values, scales };
}

/** Index of the largest absolute value in a stretch. */
function largestOf(where: string, weights: Float32Array, begin: number, end: number): number {
  let best = begin;
  let largest = -1;
  for (let i = begin; i < end; i++) {
    const size = Math.abs(weights[i]!);
    if (size > largest) {
      largest = size;
      best = i;
    }
    // true for NaN too
    if (!(size < Infinity)) throw unfit(where, i, weights[i]!, "finite");
  }
  return best;
}

function unfit(where: string, index: number, value: number, kind: string): CheckpointError {
  return new CheckpointError({
    where,
    expected: kind === "finite" ? "finite numbers" : `numbers up to ±${LARGEST_FLOAT16}`,
    got: `${value} at index ${index}`,
    hint: "Use --weights fp32.",
  });
}
