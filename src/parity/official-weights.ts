/** The weights of a case as our parameters. */
import type { NameMap } from "../checkpoints/name-map.ts";
import { officialSources } from "../checkpoints/official-source.ts";
import { type TensorMap, toFloat32 } from "../checkpoints/tensor-data.ts";
import { sourceOf } from "../checkpoints/tensor-file.ts";
import type { ParameterSpecs } from "../nn/layer.ts";

/** All weights of a case, and what they come from. */
export interface OfficialWeights {
  /** Under their official names, each with its module in front. */
  readonly official: TensorMap;
  readonly where: string;
}

/**
 * The parameters that the specs ask for, by path.
 *
 * @throws CheckpointError listing what is missing, wrong or surplus.
 */
export async function officialParameters(
  { official, where }: OfficialWeights,
  specs: ParameterSpecs,
  names: NameMap,
): Promise<Map<string, Float32Array>> {
  const expected = [...specs].map(([name, { shape }]) => ({ name, shape }));
  const file = { path: where, ...sourceOf(official) };
  const [source] = officialSources([{ file, prefix: "", expected }], names);
  const values = new Map<string, Float32Array>();
  for (const { name } of source!.entries) values.set(name, toFloat32(await source!.read(name)));
  return values;
}
