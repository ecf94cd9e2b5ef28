/** The sizes of the official LlamaGen code as those of Ordo's `llamagen`. */
import type { OfficialLlamaGenSettings } from "../checkpoints/official-llamagen-settings.ts";
import { gatedWidth } from "../nn/gated-feed-forward.ts";
import type { LlamaGenConditioning, LlamaGenConfig } from "../systems/llamagen-config.ts";
import type { VqTokenizerOptions } from "../tokenizers/vq-tokenizer.ts";

/** Everything that a file does not say is as the official code has it. */
export function officialLlamaGenConfig({
  tokenizer,
  transformer,
}: Pick<OfficialLlamaGenSettings, "tokenizer" | "transformer">): LlamaGenConfig {
  const side = Math.sqrt(transformer.block_size);
  return {
    depth: transformer.n_layer,
    width: transformer.dim,
    heads: transformer.n_head,
    hidden: gatedWidth(transformer.dim, transformer.multiple_of),
    conditioning: officialLlamaGenConditioning(transformer),
    tokenizer: officialLlamaGenTokenizer(tokenizer, side),
  };
}

export function officialLlamaGenConditioning({
  model_type,
  num_classes,
  cls_token_num,
  caption_dim = 2048,
}: Pick<
  OfficialLlamaGenSettings["transformer"],
  "model_type" | "num_classes" | "cls_token_num" | "caption_dim"
>): LlamaGenConditioning {
  return model_type === "c2i"
    ? { kind: "classes", classes: num_classes }
    : { kind: "captions", length: cls_token_num, channels: caption_dim };
}

/** @param side of the grid of tokens. */
export function officialLlamaGenTokenizer(
  tokenizer: OfficialLlamaGenSettings["tokenizer"],
  side: number,
): VqTokenizerOptions {
  return {
    kind: "vq",
    channels: tokenizer.ch,
    multipliers: tokenizer.ch_mult,
    encoderBlocks: 2,
    decoderBlocks: 3,
    latentChannels: tokenizer.z_channels,
    groups: 32,
    patchSize: 1,
    attention: true,
    codebookSize: tokenizer.codebook_size,
    codeChannels: tokenizer.codebook_embed_dim,
    grid: { height: side, width: side },
  };
}
