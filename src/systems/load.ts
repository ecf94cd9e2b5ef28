/** From a model folder or a shipped name to a model that draws. */
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { knownHash } from "../checkpoints/known-hash.ts";
import { readModelFolder } from "../checkpoints/model-folder.ts";
import { resolveModel } from "../checkpoints/resolve-model.ts";
import type { SamplerOptions } from "../decoding/picture-sampler.ts";
import type { Device } from "../runtime/device.ts";
import { ordoVersion } from "../version.ts";
import { assembleModel } from "./assemble.ts";
import type { Model } from "./model.ts";
import { packWeights } from "./pack-weights.ts";
import { matrixFormat, type WeightFormat } from "./weight-format.ts";

export interface LoadOptions extends SamplerOptions {
  /** Number format of the transformer's matrices while the model computes. Default fp32. */
  readonly weights?: WeightFormat;
}

/**
 * Loads a model.
 *
 * @param nameOrPath a folder, or the name of a model that ships with Ordo.
 * @throws ConfigError if there is no such model; CheckpointError if its files do not fit together, or
 * hold numbers that the format of the weights does not.
 */
export async function load(
  nameOrPath: string,
  device: Device,
  { weights = "fp32", ...options }: LoadOptions = {},
): Promise<Model> {
  const folder = await readModelFolder(await resolveModel(nameOrPath));
  const facts = {
    weightHash: weightHash(join(folder.path, "model.safetensors")),
    weights,
    ordoVersion: await ordoVersion(),
  };
  const format = matrixFormat(weights, device.name);
  return assembleModel(
    folder,
    device,
    { ...facts, pack: (specs, parameters) => packWeights(specs, parameters, format) },
    options,
  );
}

/** Goes on while the model is compiled, which leaves a core idle. */
async function weightHash(path: string): Promise<string> {
  const hash = await knownHash(path, join(cacheFolder(), "hashes"));
  return hash === null ? "sharded" : `sha256:${hash}`;
}
