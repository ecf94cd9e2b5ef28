/** Tokenizers of model folders, ready for the benchmark. */
import { basename, resolve } from "node:path";
import { type Picture, toPixels } from "../images/picture.ts";
import { readTokenizer } from "../recipes/tokenizer-folder.ts";
import type { Device } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { PictureTokenizer } from "../systems/picture-tokenizer.ts";
import { tokenizerHash } from "../systems/tokenizer-hash.ts";
import { traceReconstruction } from "../tokenizers/reconstruct.ts";
import type { BenchTokenizer } from "./codecs.ts";
import { truncatedPicture } from "./official-quirks.ts";
import { budgetOf, tokenizerCodec } from "./tokenizer-codec.ts";

export interface OpenTokenizer extends BenchTokenizer {
  /** `sha256:…` of its weights. */
  readonly hash: string;
  close(): Promise<void>;
}

/**
 * Opens the tokenizer of a folder or a shipped model; the caller closes it.
 *
 * @param truncate cuts its output to bytes, as VTBench does, instead of rounding.
 * @throws ConfigError or CheckpointError as `readTokenizer` does.
 */
export async function openTokenizer(
  device: Device,
  nameOrPath: string,
  { truncate }: { readonly truncate: boolean },
): Promise<OpenTokenizer> {
  const { options, parameters } = await readTokenizer(nameOrPath);
  const name = basename(resolve(nameOrPath));
  const tokenizer = new PictureTokenizer(device, name, options, parameters);
  const hash = await tokenizerHash(tokenizer);
  const budget = budgetOf(tokenizer);
  if (!truncate) {
    const codec = tokenizerCodec(tokenizer);
    return { codec, budget, hash, close: () => tokenizer.close() };
  }
  const { result } = traceReconstruction(options, 1);
  const rebuild = await compile(device, "vtbench", { result }, { constants: parameters });
  const codec = tokenizerCodec(tokenizer, async (tile: Picture) => {
    const results = await rebuild.run({ pixels: toPixels([tile]) });
    return truncatedPicture(results.result!.data as Float32Array, tile);
  });
  return { codec, budget, hash, close: () => rebuild.release() };
}
