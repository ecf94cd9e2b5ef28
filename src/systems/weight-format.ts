/** Number formats of a transformer's matrices; everything else stays float32. */
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
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
import { cachedMatrices } from "./packed-cache.ts";

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
 * float32 matrix is enough. Those of a large model are kept for the next start.
 *
 * @param cache folder of packed matrices; `packed` in the cache folder unless given.
 * @throws CheckpointError for numbers that the format does not hold.
 */
export async function packWeights(
  specs: ParameterSpecs,
  parameters: ReadonlyMap<string, Floats>,
  format: MatrixFormat,
  cache: string = join(cacheFolder(), "packed"),
): Promise<Weights> {
  if (format === "float32") return { parameters };
  const sources = [...specs].flatMap(([path, { shape, matrix }]) => {
    const [outputs, inputs] = shape as [number, number];
    return matrix
      ? [{ path, shape: [outputs, inputs] as const, floats: parameters.get(path)! }]
      : [];
  });
  const rest = new Map(parameters);
  for (const { path } of sources) rest.delete(path);
  const floats = sources.map((source) => source.floats);
  const matrices = await cachedMatrices(cache, format, floats, () => packAll(sources, format));
  return { parameters: rest, matrices };
}

interface Source {
  readonly path: string;
  readonly shape: readonly [outputs: number, inputs: number];
  readonly floats: Floats;
}

async function packAll(
  sources: readonly Source[],
  format: PackedMatrices["format"],
): Promise<PackedMatrices> {
  const values = new Map<string, PackedValues>();
  for (const { path, shape, floats } of sources) {
    const packed = packMatrix(format, { where: path, weights: await readFloats(floats), shape });
    values.set(path, packed.values);
    if (packed.scales) values.set(`${path}.${SCALES}`, packed.scales);
  }
  return { format, values };
}

/** Bytes of weights, wherever they lie. */
export function bytesOfWeights({ parameters, matrices }: Weights): number {
  const bytes = (data: ArrayBufferView | FileFloats): number =>
    lieInFile(data) ? data.length * Float32Array.BYTES_PER_ELEMENT : data.byteLength;
  const all = [...parameters.values(), ...(matrices?.values.values() ?? [])];
  return all.reduce((sum, data) => sum + bytes(data), 0);
}
