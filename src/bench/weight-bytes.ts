/** How many bytes a model's weights take in each number format. */
import type { ParameterSpecs } from "../nn/layer.ts";
import type { ModelParameters } from "../systems/model-parameters.ts";
import type { WeightFormat } from "../systems/weight-format.ts";

/** Numbers that share a scale in the 4-bit format. */
const BLOCK = 32;

/**
 * The transformer's matrices in the format, with their scales in float32: one per output for int8,
 * one per block of 32 for int4. Everything else, and the whole tokenizer, is float32.
 */
export function weightBytes(
  { transformer, tokenizer }: ModelParameters,
  format: WeightFormat,
): number {
  const inTransformer = [...transformer].map(([name, { shape }]) =>
    isMatrix(name, shape) ? matrixBytes(shape, format) : 4 * count(shape),
  );
  return inTransformer.reduce((a, b) => a + b, floatBytes(tokenizer));
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

/** Weights of linear maps [out, in]; tables that are only looked up stay as they are. */
function isMatrix(name: string, shape: readonly number[]): boolean {
  return shape.length === 2 && name.endsWith(".weight");
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
