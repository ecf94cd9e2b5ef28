/**
 * Rotary positions over two axes (Su et al. 2021), as LlamaGen releases them (sheet llamagen, "2-D
 * RoPE"): half of the angles tell the row, half the column, and the condition in front of the grid
 * has cosine and sine 0, so that its queries and keys vanish.
 *
 * Axes: P prefix · N = height·width cells · T = P + N · D head size, D/2 angles
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { matmul } from "../graph/ops/product.ts";
import { constant } from "../graph/ops/source.ts";

export interface RotaryOptions {
  readonly height: number;
  readonly width: number;
  /** Of a head; a multiple of 4. */
  readonly size: number;
  /** Positions before the grid. */
  readonly prefix: number;
}

/** Factors of every position, float32 [T, D]; each angle counts for a pair of neighbours. */
export interface RotaryTables {
  readonly cosines: Float32Array;
  /** Negative at the first of a pair. */
  readonly sines: Float32Array;
}

const BASE = 10_000;

/** @throws ConfigError if the head size is no multiple of 4. */
export function rotaryTables({ height, width, size, prefix }: RotaryOptions): RotaryTables {
  if (size % 4 !== 0) {
    throw new ConfigError({
      where: "rope",
      expected: "heads whose size is a multiple of 4",
      got: String(size),
    });
  }
  const half = size / 2;
  const cosines = new Float32Array((prefix + height * width) * size);
  const sines = new Float32Array(cosines.length);
  for (let cell = 0; cell < height * width; cell++) {
    const place = [Math.floor(cell / width), cell % width];
    for (let i = 0; i < half; i++) {
      const frequency = BASE ** ((-2 * (i % (half / 2))) / half);
      const angle = place[i < half / 2 ? 0 : 1]! * frequency;
      const at = (prefix + cell) * size + 2 * i;
      cosines.fill(Math.cos(angle), at, at + 2);
      sines[at] = -Math.sin(angle);
      sines[at + 1] = Math.sin(angle);
    }
  }
  return { cosines, sines };
}

/** Factors of the positions of one call, [S, D]. */
export interface Rotation {
  readonly cosines: Tensor;
  readonly sines: Tensor;
}

/** @param positions int32 [S], counted from the first of the prefix. */
export function rotationAt(options: RotaryOptions, positions: Tensor): Rotation {
  const { height, width, size, prefix } = options;
  const { cosines, sines } = rotaryTables(options);
  const rows = (table: Float32Array) =>
    lookup(constant(table, [prefix + height * width, size]), positions);
  return { cosines: rows(cosines), sines: rows(sines) };
}

/** Cosines and sines of the first positions as angles, not as factors: one for each pair, [rows, D / 2]. */
export function pairFactors(options: RotaryOptions, rows: number): Rotation {
  const half = options.size / 2;
  const { cosines, sines } = rotaryTables(options);
  // the second of a pair has the sine as it is
  const pairs = (table: Float32Array) =>
    constant(
      Float32Array.from({ length: rows * half }, (_, i) => table[2 * i + 1]!),
      [rows, half],
    );
  return { cosines: pairs(cosines), sines: pairs(sines) };
}

/** (x₀, x₁) → (x₀·cos − x₁·sin, x₁·cos + x₀·sin) for every pair of neighbours: x [..., S, D]. */
export function rotate(x: Tensor, { cosines, sines }: Rotation): Tensor {
  const exchanged = matmul(x, exchange(x.shape.at(-1) as number));
  return add(multiply(x, cosines), multiply(exchanged, sines));
}

/** A product with it exchanges the two of every pair: the one form that is fast with gradients. */
function exchange(size: number): Tensor {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + (i ^ 1)] = 1;
  return constant(matrix, [size, size]);
}
