/** The sizes of the official MAR code as those of Ordo's `mar`. */
import type { OfficialMarSettings } from "../checkpoints/official-mar-settings.ts";
import type { MarConfig } from "../systems/mar-config.ts";
import { marPresets } from "../systems/mar-presets.ts";

/** Everything that a case does not say is as the released models have it; latents are not scaled. */
export function officialMarConfig({ model, sampling }: OfficialMarSettings): MarConfig {
  const side = model.img_size / model.vae_stride;
  return {
    width: model.encoder_embed_dim,
    encoder: { depth: model.encoder_depth, heads: model.encoder_num_heads },
    decoder: { depth: model.decoder_depth, heads: model.decoder_num_heads },
    classSlots: model.buffer_size,
    head: { depth: model.diffloss_d, width: model.diffloss_w },
    steps: sampling.num_iter,
    diffusionSteps: model.num_sampling_steps,
    conditioning: { kind: "classes", classes: model.class_num },
    tokenizer: {
      ...marPresets["b-256"].tokenizer,
      latentChannels: model.vae_embed_dim,
      height: side,
      width: side,
      cellsPerToken: model.patch_size,
      latentScale: 1,
    },
  };
}
