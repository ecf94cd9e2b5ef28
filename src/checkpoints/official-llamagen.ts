/**
 * Names of the official LlamaGen checkpoints (FoundationVision/LlamaGen) and ours (sheet llamagen,
 * "Official checkpoint layout"). The official files are two state dicts, one of the tokenizer and one
 * of the transformer; as in parity cases, their keys carry the prefix `vq.` or `gpt.` here. Shapes and
 * layouts are the same on both sides.
 */

import { inside, type NameMap, type NameRow, nameMap, RESIDUAL_BLOCK } from "./name-map.ts";
import { SEPARATE_ATTENTION } from "./official-convolutions.ts";

/** What encoder and decoder share. */
const ENDS: readonly NameRow[] = [
  ["conv_in.{p}", "convIn.{p}"],
  ...inside("mid.0", "middle.block1", RESIDUAL_BLOCK),
  ...inside("mid.1", "middle.attention", SEPARATE_ATTENTION),
  ...inside("mid.2", "middle.block2", RESIDUAL_BLOCK),
  ["norm_out.{p}", "normOut.{p}"],
  ["conv_out.{p}", "convOut.{p}"],
];

function level(official: number, ours: number, resize: "downsample" | "upsample"): NameRow[] {
  return inside(`conv_blocks.${official}`, `levels.${ours}`, [
    ...inside("res.{j}", "blocks.{j}", RESIDUAL_BLOCK),
    ...inside("attn.{j}", "attentions.{j}", SEPARATE_ATTENTION),
    [`${resize}.conv.{p}`, `${resize}.{p}`],
  ]);
}

/** @param levels of the tokenizer: the official decoder counts them from the coarsest. */
function tokenizer(levels: number): NameRow[] {
  const each = Array.from({ length: levels }, (_, i) => i);
  return [
    ...inside("encoder", "encoder", [...ENDS, ...each.flatMap((i) => level(i, i, "downsample"))]),
    ...inside("decoder", "decoder", [
      ...ENDS,
      ...each.flatMap((i) => level(levels - 1 - i, i, "upsample")),
    ]),
    ["quant_conv.{p}", "quantConv.{p}"],
    ["post_quant_conv.{p}", "postQuantConv.{p}"],
    ["quantize.embedding.weight", "quantizer.codebook"],
  ];
}

const TRANSFORMER: readonly NameRow[] = [
  ["gpt.cls_embedding.embedding_table.weight", "condition.classEmbedding"],
  ["gpt.cls_embedding.cap_proj.fc1.weight", "condition.projection.fc1.weight"],
  ["gpt.cls_embedding.cap_proj.fc2.weight", "condition.projection.fc2.weight"],
  ["gpt.cls_embedding.uncond_embedding", "condition.unconditional"],
  ["gpt.tok_embeddings.weight", "tokenEmbedding.weight"],
  ...inside("gpt.layers.{i}", "blocks.{i}", [
    ["attention_norm.weight", "attentionNorm.weight"],
    ["attention.wqkv.weight", "attention.qkv.weight"],
    ["attention.wo.weight", "attention.projection.weight"],
    ["ffn_norm.weight", "mlpNorm.weight"],
    ["feed_forward.w1.weight", "mlp.gate.weight"],
    ["feed_forward.w3.weight", "mlp.up.weight"],
    ["feed_forward.w2.weight", "mlp.down.weight"],
  ]),
  ["gpt.norm.weight", "norm.weight"],
  ["gpt.output.weight", "logits.weight"],
];

const BUFFERS: readonly string[] = ["vq.quantize.codebook_used", "gpt.freqs_cis"];

/**
 * `vq.…` and `gpt.…` ↔ the parameter paths of Ordo's `llamagen`, those of the tokenizer under
 * `tokenizer.`.
 */
export function officialLlamaGenNames(levels: number): NameMap {
  return nameMap([...inside("vq", "tokenizer", tokenizer(levels)), ...TRANSFORMER], BUFFERS);
}
