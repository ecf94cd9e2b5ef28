/**
 * Names of the official MAR checkpoints (LTH14/mar) and ours (sheet mar, "Official checkpoint
 * layout"). The official files are the state dict `model_ema` of the transformer with its head, and
 * `kl16.ckpt` of the tokenizer; their keys carry the prefix `mar.` or `vae.` here. Shapes and layouts
 * are the same on both sides.
 */

import { inside, type NameMap, type NameRow, nameMap } from "./name-map.ts";
import { convolutions, SEPARATE_ATTENTION } from "./official-convolutions.ts";

/** Encoder and decoder have the same blocks. */
function stack(half: "encoder" | "decoder"): NameRow[] {
  return [
    ...inside(`${half}_blocks.{i}`, `${half}.blocks.{i}`, [
      ["norm1.{p}", "norm1.{p}"],
      ["attn.qkv.{p}", "qkv.{p}"],
      ["attn.proj.{p}", "projection.{p}"],
      ["norm2.{p}", "norm2.{p}"],
      ["mlp.fc1.{p}", "mlp.fc1.{p}"],
      ["mlp.fc2.{p}", "mlp.fc2.{p}"],
    ]),
    [`${half}_norm.{p}`, `${half}.norm.{p}`],
  ];
}

const PREDICTOR: readonly NameRow[] = [
  ["class_emb.weight", "condition.classEmbedding"],
  ["fake_latent", "condition.noClass"],
  ["z_proj.{p}", "tokenEmbedding.{p}"],
  ["z_proj_ln.{p}", "embeddingNorm.{p}"],
  ["encoder_pos_embed_learned", "encoderPositions"],
  ["decoder_pos_embed_learned", "decoderPositions"],
  ["diffusion_pos_embed_learned", "headPositions"],
  ["mask_token", "maskVector"],
  ["decoder_embed.{p}", "decoderEmbedding.{p}"],
  ...stack("encoder"),
  ...stack("decoder"),
];

const HEAD: readonly NameRow[] = [
  ["time_embed.mlp.0.{p}", "time.fc1.{p}"],
  ["time_embed.mlp.2.{p}", "time.fc2.{p}"],
  ["cond_embed.{p}", "condition.{p}"],
  ["input_proj.{p}", "input.{p}"],
  ...inside("res_blocks.{i}", "blocks.{i}", [
    ["in_ln.{p}", "norm.{p}"],
    ["mlp.0.{p}", "fc1.{p}"],
    ["mlp.2.{p}", "fc2.{p}"],
    ["adaLN_modulation.1.{p}", "modulation.{p}"],
  ]),
  ["final_layer.adaLN_modulation.1.{p}", "output.modulation.{p}"],
  ["final_layer.linear.{p}", "output.linear.{p}"],
];

const TOKENIZER: readonly NameRow[] = [
  ...inside("encoder", "encoder", convolutions("down", SEPARATE_ATTENTION)),
  ...inside("decoder", "decoder", convolutions("up", SEPARATE_ATTENTION)),
  ["quant_conv.{p}", "quantConv.{p}"],
  ["post_quant_conv.{p}", "postQuantConv.{p}"],
];

const names = nameMap(
  [
    ...inside("vae", "tokenizer", TOKENIZER),
    ...inside("mar", "", PREDICTOR).map(([official, ours]): NameRow => [official, ours.slice(1)]),
    ...inside("mar.diffloss.net", "head", HEAD),
  ],
  [],
);

/** The discriminator and the perceptual network of the tokenizer's training, where a file has them. */
const TRAINING = "vae.loss.";

/**
 * `vae.…` and `mar.…` ↔ the parameter paths of Ordo's `mar`: those of the tokenizer under
 * `tokenizer.`, those of the diffusion head under `head.`.
 */
export const officialMarNames: NameMap = {
  ...names,
  isBuffer: (key) => key.startsWith(TRAINING) || names.isBuffer(key),
};
