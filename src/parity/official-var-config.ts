/** The sizes of the official VAR code as those of Ordo's `var`. */
import type { OfficialVarSettings } from "../checkpoints/official-var-settings.ts";
import { squareScales } from "../orders/scale-schedule.ts";
import type { VarConfig } from "../systems/var-config.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";

/** Everything that a file does not say is as the official code has it. */
export function officialVarConfig({
  tokenizer,
  transformer,
}: Pick<OfficialVarSettings, "tokenizer" | "transformer">): VarConfig {
  return {
    ...officialVarTransformer(transformer),
    tokenizer: officialVarTokenizer(tokenizer),
  };
}

export function officialVarTransformer(
  transformer: OfficialVarSettings["transformer"],
): Omit<VarConfig, "tokenizer"> {
  return {
    depth: transformer.depth,
    width: transformer.width,
    heads: transformer.heads,
    sharedModulation: transformer.shared_adaln,
    queryKeyNorm: transformer.attn_l2_norm ? "l2" : "none",
    gainInit: 1e-3,
    conditioning: { kind: "classes", classes: transformer.num_classes },
  };
}

export function officialVarTokenizer(
  tokenizer: OfficialVarSettings["tokenizer"],
): ScaleTokenizerOptions {
  return {
    channels: tokenizer.ch,
    multipliers: tokenizer.ch_mult,
    encoderBlocks: tokenizer.num_res_blocks,
    decoderBlocks: tokenizer.num_res_blocks + 1,
    latentChannels: tokenizer.z_channels,
    groups: 32,
    patchSize: 1,
    attention: true,
    codebookSize: tokenizer.vocab_size,
    phiSharing: tokenizer.share_quant_resi,
    scales: squareScales(tokenizer.patch_nums),
  };
}
