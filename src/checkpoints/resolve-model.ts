/** From what a user calls a model to the folder it lies in. */

import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CheckpointError, ConfigError } from "../errors.ts";
import { cachedHubPath } from "../hub/cached.ts";
import { isHubReference } from "../hub/reference.ts";
import { nearNames } from "./near-names.ts";

export interface ResolveOptions {
  /** The folder of shipped models. */
  readonly models?: string;
  /** Finds `hf:owner/name` on this disk; in the hub's cache if absent. It fetches nothing. */
  readonly hub?: (reference: string) => Promise<string>;
}

/** `models/` of the installed package; `src/checkpoints` and `dist/checkpoints` are equally deep. */
export const shippedModelsFolder: string = fileURLToPath(new URL("../../models", import.meta.url));

/** Names of the models that come with the package. */
export async function shippedModels({
  models = shippedModelsFolder,
}: ResolveOptions = {}): Promise<string[]> {
  const names = await readdir(models).catch(() => []);
  const whole = await Promise.all(names.map((name) => isModel(join(models, name))));
  return names.filter((_, i) => whole[i]).sort();
}

/**
 * The absolute path of a model: a folder with a config.json, or of a run that made one, else a
 * shipped name, or `hf:owner/name` in the hub's cache.
 *
 * @throws ConfigError naming near and all shipped models if there is none of that name;
 * CheckpointError naming the command that fetches it if the cache does not have it.
 */
export async function resolveModel(
  nameOrPath: string,
  { models = shippedModelsFolder, hub = cachedHubPath }: ResolveOptions = {},
): Promise<string> {
  if (isHubReference(nameOrPath)) return hubModel(nameOrPath, await hub(nameOrPath));
  const where = `model ${JSON.stringify(nameOrPath)}`;
  const expected = "a model folder or the name of a shipped model";
  const folder = resolve(nameOrPath);
  if (nameOrPath !== "") {
    if (await isModel(folder)) return folder;
    // of a training run, which has its model inside
    if (await isModel(join(folder, "model"))) return join(folder, "model");
  }
  const shipped = await shippedModels({ models });
  if (shipped.includes(nameOrPath)) return join(models, nameOrPath);
  const there = nameOrPath === "" ? null : await stat(folder).catch(() => null);
  const got = there ? whatIsThere(there.isDirectory()) : "neither";
  throw new ConfigError({ where, expected, got, hint: advice(nameOrPath, shipped) });
}

/** One file may have been fetched without the others. */
async function hubModel(where: string, path: string): Promise<string> {
  if (await isModel(path)) return path;
  const got = whatIsThere((await stat(path)).isDirectory());
  const expected = "a model folder in the hub's cache";
  throw new CheckpointError({ where, expected, got, hint: `ordo pull ${where}` });
}

function whatIsThere(isFolder: boolean): string {
  return isFolder ? "a folder without config.json" : "a file";
}

function advice(name: string, shipped: readonly string[]): string {
  if (shipped.length === 0) return "No models are shipped: name a folder with config.json";
  const near = nearNames(name, shipped);
  const guess = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
  return `${guess}Shipped models: ${shipped.join(", ")}`;
}

async function isModel(folder: string): Promise<boolean> {
  const config = await stat(join(folder, "config.json")).catch(() => null);
  return config?.isFile() ?? false;
}
