/** A model folder behind HTTP, whose files are fetched whole before the model is put together. */
import type { z } from "zod";
import { memoryBytes } from "../checkpoints/byte-source.ts";
import { modelConfigSchema } from "../checkpoints/model-config.ts";
import type { ModelFiles } from "../checkpoints/model-files.ts";
import { parseJson } from "../checkpoints/parse-json.ts";
import { safetensorsFrom } from "../checkpoints/safetensors-read.ts";
import { type DownloadOptions, fetchBytes, findBytes } from "./download.ts";

export interface HttpModel extends ModelFiles {
  /** `sha256:…` of the weight file; `unknown` where the page may not hash (no HTTPS). */
  readonly weightHash: Promise<string>;
}

/** @throws CheckpointError for files that are not there or do not fit. */
export async function fetchModel(folder: URL, options: DownloadOptions = {}): Promise<HttpModel> {
  const base = withSlash(folder);
  const at = (file: string): URL => new URL(file, base);
  const json = <T>(bytes: ArrayBuffer, file: string, schema: z.ZodType<T>): T =>
    parseJson(new TextDecoder().decode(bytes), schema, { where: at(file).href });
  const bytesOfConfig = await fetchBytes(at("config.json"), options);
  const config = json(bytesOfConfig, "config.json", modelConfigSchema);
  const [weights, tokenizer] = await Promise.all([
    fetchBytes(at("model.safetensors"), options),
    findBytes(at("tokenizer.safetensors"), options),
  ]);
  const open = (file: string, bytes: ArrayBuffer) =>
    safetensorsFrom(memoryBytes(at(file).href, bytes));
  return {
    name: decodeURIComponent(base.pathname.split("/").at(-2) || base.host),
    config,
    weightHash: hashOf(weights),
    where: (file) => at(file).href,
    openWeights: () => open("model.safetensors", weights),
    openTokenizer: async () => tokenizer && open("tokenizer.safetensors", tokenizer),
    readJson: async (file, schema) => json(await fetchBytes(at(file), options), file, schema),
    findJson: async (file, schema) => {
      const bytes = await findBytes(at(file), options);
      return bytes && json(bytes, file, schema);
    },
  };
}

/** Names of files are resolved against a folder only if it ends in a slash. */
function withSlash(folder: URL): URL {
  const base = new URL(folder);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return "unknown";
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
