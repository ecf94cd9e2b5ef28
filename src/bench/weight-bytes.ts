/** How many bytes a model's weights take in each number format. */
import type { ParameterSpecs } from "../nn/layer.ts";
import { BLOCK } from "../nn/matrix-format.ts";
import type { ModelParameters } from "../systems/model-parameters.ts";
import type { WeightFormat } from "../systems/weight-format.ts";

/**
 * All weights of a model: the transformer's matrices in the format; everything else, and the whole
 * tokenizer, in float32.
 */
export function weightBytes(parameters: ModelParameters, format: WeightFormat): number {
  const { transformer, tokenizer } = parameters;
  const others = [...transformer].filter(([, { matrix }]) => !matrix);
  return packedBytes(parameters, format) + floatBytes(new Map(others)) + floatBytes(tokenizer);
}

/**
 * The transformer's matrices alone, with their scales in float32: one per output for int8 (per block
 * on GPUs), one per block for int4.
 */
export function packedBytes({ transformer }: ModelParameters, format: WeightFormat): number {
  const matrices = [...transformer.values()].filter(({ matrix }) => matrix);
  return matrices.reduce((sum, { shape }) => sum + matrixBytes(shape, format), 0);
}

function floatBytes(specs: ParameterSpecs): number {
  return [...specs.values()].reduce((sum, { shape }) => sum + 4 * count(shape), 0);
}

function matrixBytes(shape: readonly number[], format: WeightFormat): number {
  const [rows, columns] = shape as [number, number];
  const numbers = rows * columns;
  if (format === "fp32") return 4 * numbers;
  if (format === "fp16") return 2 * numbers;
  if (format === "int8") return numbers + 4 * rows;
  const blocks = rows * Math.ceil(columns / BLOCK);
  return (BLOCK / 2) * blocks + 4 * blocks;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
