/**
 * Names of the official VAR checkpoints (FoundationVision/VAR) and ours (sheet: "Official checkpoint
 * layout"). The official files are two plain state dicts, one of the tokenizer and one of the
 * transformer; as in parity cases, their keys carry the prefix `vqvae.` or `var.` here. Shapes and
 * layouts are the same on both sides.
 */

import { inside, type NameMap, type NameRow, nameMap } from "./name-map.ts";
import { convolutions, JOINED_ATTENTION } from "./official-convolutions.ts";

const TOKENIZER: readonly NameRow[] = [
  ...inside("encoder", "encoder", convolutions("down", JOINED_ATTENTION)),
  ...inside("decoder", "decoder", convolutions("up", JOINED_ATTENTION)),
  ["quant_conv.{p}", "quantConv.{p}"],
  ["post_quant_conv.{p}", "postQuantConv.{p}"],
  ["quantize.embedding.weight", "quantizer.codebook"],
  ["quantize.quant_resi.qresi_ls.{i}.{p}", "quantizer.phi.{i}.{p}"],
];

const TRANSFORMER: readonly NameRow[] = [
  ["var.word_embed.{p}", "wordEmbedding.{p}"],
  ["var.class_emb.weight", "condition.classEmbedding"],
  ["var.pos_start", "startPosition"],
  ["var.pos_1LC", "positions"],
  ["var.lvl_embed.weight", "levelEmbedding"],
  ["var.shared_ada_lin.1.{p}", "steering.{p}"],
  ...inside("var.blocks.{i}", "blocks.{i}", [
    ["attn.mat_qkv.weight", "attention.qkv.weight"],
    ["attn.q_bias", "attention.queryBias"],
    ["attn.v_bias", "attention.valueBias"],
    ["attn.scale_mul_1H11", "attention.temperature.logScale"],
    ["attn.proj.{p}", "attention.projection.{p}"],
    ["ffn.fc1.{p}", "mlp.fc1.{p}"],
    ["ffn.fc2.{p}", "mlp.fc2.{p}"],
    ["ada_lin.1.{p}", "modulations.{p}"],
    ["ada_gss", "modulations.offset"],
  ]),
  ["var.head_nm.ada_lin.1.{p}", "head.modulation.{p}"],
  ["var.head.{p}", "head.logits.{p}"],
];

const BUFFERS: readonly string[] = [
  "var.lvl_1L",
  "var.attn_bias_for_masking",
  "var.blocks.{i}.attn.zero_k_bias",
  "vqvae.quantize.ema_vocab_hit_SV",
];

/** `vqvae.…` and `var.…` ↔ the parameter paths of Ordo's `var`, those of the tokenizer under `tokenizer.`. */
export const officialVarNames: NameMap = nameMap(
  [...inside("vqvae", "tokenizer", TOKENIZER), ...TRANSFORMER],
  BUFFERS,
);
