/** The tiny MAR of the conformance suites as a model to decode with. */
import type { MaskedModel } from "../../src/decoding/masked-sampler.ts";
import { marSystem } from "../../src/systems/mar.ts";
import type { MaskedComposition } from "../../src/systems/system.ts";
import type { KlAutoencoderOptions } from "../../src/tokenizers/kl-autoencoder.ts";
import { tinyMar, wildModel } from "../conformance/tiny-systems.ts";

export const tinyKl: KlAutoencoderOptions = tinyMar.tokenizer;

/** With weights far from where training starts. */
export function tinyMasked(): MaskedModel & MaskedComposition {
  const composition = marSystem.compose(tinyMar, {});
  return { ...composition, parameters: wildModel(composition) };
}
