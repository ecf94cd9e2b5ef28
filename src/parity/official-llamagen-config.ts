/** The sizes of the official LlamaGen code as those of Ordo's `llamagen`. */
import type { OfficialLlamaGenSettings } from "../checkpoints/official-llamagen-settings.ts";
import { gatedWidth } from "../nn/gated-feed-forward.ts";
import type { LlamaGenConfig } from "../systems/llamagen-config.ts";

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
    conditioning:
      transformer.model_type === "c2i"
        ? { kind: "classes", classes: transformer.num_classes }
        : {
            kind: "captions",
            length: transformer.cls_token_num,
            channels: transformer.caption_dim ?? 2048,
          },
    tokenizer: {
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
    },
  };
}
