/** From what a user calls a feature network to the network. */
import { resolveModel } from "../checkpoints/resolve-model.ts";
import type { Device } from "../runtime/device.ts";
import { readClassifier } from "./classifier-folder.ts";
import { classifierNetwork } from "./classifier-network.ts";
import type { FeatureNetwork } from "./feature-network.ts";

/**
 * Opens a feature network; the caller closes it.
 *
 * @param nameOrPath the name of a shipped classifier, the folder of a trained one or of its run.
 * @throws ConfigError if there is none of that name; CheckpointError if its files do not fit.
 */
export async function openFeatureNetwork(
  device: Device,
  nameOrPath: string,
): Promise<FeatureNetwork> {
  return classifierNetwork(device, await readClassifier(await resolveModel(nameOrPath)));
}
