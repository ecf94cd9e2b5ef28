import { createHash } from "node:crypto";
import { readFloats } from "../checkpoints/read-floats.ts";
import { TOKENIZER_PREFIX } from "./model-parameters.ts";
import type { PictureTokenizer } from "./picture-tokenizer.ts";

/** `sha256:…` of a tokenizer's weights as float32, whatever file they came from. */
export async function tokenizerHash({
  parameters,
}: Pick<PictureTokenizer, "parameters">): Promise<string> {
  const hash = createHash("sha256");
  for (const path of [...parameters.keys()].sort()) {
    if (!path.startsWith(TOKENIZER_PREFIX)) continue;
    hash.update(path).update(await readFloats(parameters.get(path)!));
  }
  return `sha256:${hash.digest("hex")}`;
}
