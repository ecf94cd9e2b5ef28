/**
 * Weight matrices in fewer bytes, for sampling. Pure functions: numbers in, codes and scales out.
 *
 * Axes: N outputs · K inputs · G = ⌈K / block⌉ blocks
 */

import { CheckpointError } from "../errors.ts";
import type { FileValues } from "../floats.ts";
import { toFloat16Bits } from "../half.ts";

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

/** Matrices of a model in one format, with their scales, by path: in memory, or some in a file. */
export interface PackedMatrices<Values = PackedValues | FileValues> {
  readonly format: Exclude<MatrixFormat, "float32">;
  readonly values: ReadonlyMap<string, Values>;
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

/** Both ways of a square that is turned at once: each line of memory is then touched only once. */
const TILE = 64;

/** Smaller scales would lose their precision, or overflow when they are inverted: zeros instead. */
const LEAST_SCALE = 2 ** -120;

function columns({ where, weights, shape: [outputs, inputs] }: MatrixSource): PackedMatrix {
  const values = new Int8Array(outputs * inputs);
  const scales = new Float32Array(outputs);
  const inverse = new Float64Array(outputs);
  for (let n = 0; n < outputs; n++) {
    const largest = extremeOf(where, weights, n * inputs, (n + 1) * inputs);
    const scale = Math.fround(Math.abs(largest) / INT8_LIMIT);
    if (scale < LEAST_SCALE) continue;
    scales[n] = scale;
    inverse[n] = 1 / scale;
  }
  const tile = new Int8Array(TILE * TILE);
  // four bytes at once where outputs lie so
  const wide = outputs % 4 === 0;
  const [from, to] = wide ? [words(tile), words(values)] : [tile, values];
  const unit = wide ? 4 : 1;
  for (let n0 = 0; n0 < outputs; n0 += TILE) {
    const width = Math.min(TILE, outputs - n0);
    for (let k0 = 0; k0 < inputs; k0 += TILE) {
      const height = Math.min(TILE, inputs - k0);
      for (let n = 0; n < width; n++) {
        const begin = (n0 + n) * inputs + k0;
        const factor = inverse[n0 + n]!;
        for (let k = 0; k < height; k++) {
          tile[k * TILE + n] =
            roundPositive(weights[begin + k]! * factor + INT8_LIMIT) - INT8_LIMIT;
        }
      }
      for (let k = 0; k < height; k++) {
        const begin = ((k0 + k) * outputs + n0) / unit;
        const start = (k * TILE) / unit;
        for (let i = 0; i < width / unit; i++) to[begin + i] = from[start + i]!;
      }
    }
  }
  return { values, scales };
}

function words({ buffer }: Int8Array): Int32Array {
  return new Int32Array(buffer);
}

/** To the nearest whole number; several times as fast as Math.round. */
function roundPositive(value: number): number {
  return (value + 0.5) | 0;
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
  const bytes = (BLOCK * bits) / 8;
  // zeros, where nothing else is written
  const values = new Uint8Array(outputs * perRow * bytes).fill(bits === 4 ? 0x88 : 0x80);
  const scales = new Float32Array(outputs * perRow);
  const write = bits === 4 ? writeHalves : writeBytes;
  for (let n = 0; n < outputs; n++) {
    for (let g = 0; g < perRow; g++) {
      const begin = n * inputs + g * BLOCK;
      const end = Math.min(begin + BLOCK, (n + 1) * inputs);
      const scale = Math.fround(extremeOf(where, weights, begin, end) / -half);
      if (Math.abs(scale) < LEAST_SCALE) continue;
      const at = n * perRow + g;
      scales[at] = scale;
      write(weights, begin, end, { factor: 1 / scale, values, place: at * bytes });
    }
  }
  return { values, scales };
}

interface BlockPlace {
  /** 1 / scale */
  readonly factor: number;
  readonly values: Uint8Array;
  readonly place: number;
}

function writeBytes(weights: Float32Array, begin: number, end: number, to: BlockPlace): void {
  const { factor, values, place } = to;
  for (let i = begin; i < end; i++) {
    values[place + i - begin] = Math.min(255, roundPositive(weights[i]! * factor + 128));
  }
}

/** Two codes of 4 bits in a byte, the first in the low half. */
function writeHalves(weights: Float32Array, begin: number, end: number, to: BlockPlace): void {
  const { factor, values, place } = to;
  for (let i = begin; i < end; i += 2) {
    const low = Math.min(15, roundPositive(weights[i]! * factor + 8));
    const high = i + 1 < end ? Math.min(15, roundPositive(weights[i + 1]! * factor + 8)) : 8;
    values[place + ((i - begin) >> 1)] = low | (high << 4);
  }
}

/** The value of the largest size in a stretch. */
function extremeOf(where: string, weights: Float32Array, begin: number, end: number): number {
  let low = 0;
  let high = 0;
  // without branches, which would be mispredicted, and NaN stays
  for (let i = begin; i < end; i++) {
    const value = weights[i]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high - low < Infinity) return -low > high ? low : high;
  const index = weights.subarray(begin, end).findIndex((value) => !Number.isFinite(value));
  throw unfit(where, begin + index, weights[begin + index]!, "finite");
}

function unfit(where: string, index: number, value: number, kind: string): CheckpointError {
  return new CheckpointError({
    where,
    expected: kind === "finite" ? "finite numbers" : `numbers up to ±${LARGEST_FLOAT16}`,
    got: `${value} at index ${index}`,
    hint: "Use --weights fp32.",
  });
}
