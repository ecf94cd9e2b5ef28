/** Number formats of a transformer's matrices; everything else stays float32. */
import { readFloats } from "../checkpoints/place-parameters.ts";
import { type FileFloats, type Floats, lieInFile } from "../floats.ts";
import { type ParameterSpecs, SCALES } from "../nn/layer.ts";
import {
  type MatrixFormat,
  type PackedMatrices,
  type PackedValues,
  packMatrix,
} from "../nn/matrix-format.ts";
import type { DeviceName } from "../runtime/handle.ts";

export const weightFormats = ["fp32", "fp16", "int8", "int4"] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** How a device computes with a format: only the CPU multiplies whole numbers by themselves. */
export function matrixFormat(format: WeightFormat, device: DeviceName): MatrixFormat {
  if (format === "fp32") return "float32";
  if (format === "fp16") return "float16";
  if (format === "int4") return "int4-blocks";
  return device === "cpu" ? "int8" : "int8-blocks";
}

export interface Weights {
  /** By path, without those that are packed. */
  readonly parameters: ReadonlyMap<string, Floats>;
  readonly matrices?: PackedMatrices;
}

/**
 * Packs the matrices among a model's parameters, one after the other, so that the memory of one
 * float32 matrix is enough.
 *
 * @throws CheckpointError for numbers that the format does not hold.
 */
export async function packWeights(
  specs: ParameterSpecs,
  parameters: ReadonlyMap<string, Floats>,
  format: MatrixFormat,
): Promise<Weights> {
  if (format === "float32") return { parameters };
  const rest = new Map(parameters);
  const values = new Map<string, PackedValues>();
  for (const [path, { shape, matrix }] of specs) {
    if (!matrix) continue;
    const weights = await readFloats(rest.get(path)!);
    rest.delete(path);
    const [outputs, inputs] = shape as [number, number];
    const packed = packMatrix(format, { where: path, weights, shape: [outputs, inputs] });
    values.set(path, packed.values);
    if (packed.scales) values.set(`${path}.${SCALES}`, packed.scales);
  }
  return { parameters: rest, matrices: { format, values } };
}

/** Bytes of weights, wherever they lie. */
export function bytesOfWeights({ parameters, matrices }: Weights): number {
  const bytes = (data: ArrayBufferView | FileFloats): number =>
    lieInFile(data) ? data.length * Float32Array.BYTES_PER_ELEMENT : data.byteLength;
  const all = [...parameters.values(), ...(matrices?.values.values() ?? [])];
  return all.reduce((sum, data) => sum + bytes(data), 0);
}
