/** Weights in the number format they are computed with. */
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { readFloats } from "../checkpoints/read-floats.ts";
import type { Floats } from "../floats.ts";
import { type ParameterSpecs, SCALES } from "../nn/layer.ts";
import {
  type MatrixFormat,
  type PackedMatrices,
  type PackedValues,
  packMatrix,
} from "../nn/matrix-format.ts";
import { cachedMatrices } from "./packed-cache.ts";
import type { Weights } from "./weight-format.ts";

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
): Promise<PackedMatrices<PackedValues>> {
  const values = new Map<string, PackedValues>();
  for (const { path, shape, floats } of sources) {
    const packed = packMatrix(format, { where: path, weights: await readFloats(floats), shape });
    values.set(path, packed.values);
    if (packed.scales) values.set(`${path}.${SCALES}`, packed.scales);
  }
  return { format, values };
}
