/** From the address of a model folder to a model that draws. */
import type { Device } from "../runtime/device.ts";
import { assembleModel } from "../systems/assemble.ts";
import type { Model } from "../systems/model.ts";
import type { DownloadOptions } from "./download.ts";
import { fetchModel } from "./http-model.ts";
import { browserVersion } from "./version.ts";

/**
 * Loads a model.
 *
 * @param folder address of a folder with config.json and the weights; relative to the page.
 * @throws CheckpointError if files are missing or do not fit together.
 */
export async function load(
  folder: string | URL,
  device: Device,
  options: DownloadOptions = {},
): Promise<Model> {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const files = await fetchModel(new URL(folder, page), options);
  return assembleModel(files, device, {
    weightHash: files.weightHash,
    weights: "fp32",
    ordoVersion: browserVersion,
    pack: async (_, parameters) => ({ parameters }),
  });
}
