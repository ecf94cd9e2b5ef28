/** Names that official code shares for the convolutional tokenizers that descend from VQGAN's. */
import { inside, type NameRow, RESIDUAL_BLOCK } from "./name-map.ts";

/** An attention block with one convolution for queries, keys and values. */
export const JOINED_ATTENTION: readonly NameRow[] = [
  ["norm.{p}", "norm.{p}"],
  ["qkv.{p}", "qkv.{p}"],
  ["proj_out.{p}", "projection.{p}"],
];

/** An attention block with a convolution for each of them. */
export const SEPARATE_ATTENTION: readonly NameRow[] = [
  ["norm.{p}", "norm.{p}"],
  ["q.{p}", "qkv.query.{p}"],
  ["k.{p}", "qkv.key.{p}"],
  ["v.{p}", "qkv.value.{p}"],
  ["proj_out.{p}", "projection.{p}"],
];

/** What encoder and decoder share; `levels` is the official name of their list of levels. */
export function convolutions(levels: "down" | "up", attention: readonly NameRow[]): NameRow[] {
  return [
    ["conv_in.{p}", "convIn.{p}"],
    ...inside(`${levels}.{i}.block.{j}`, "levels.{i}.blocks.{j}", RESIDUAL_BLOCK),
    ...inside(`${levels}.{i}.attn.{j}`, "levels.{i}.attentions.{j}", attention),
    [`${levels}.{i}.${levels}sample.conv.{p}`, `levels.{i}.${levels}sample.{p}`],
    ...inside("mid.block_1", "middle.block1", RESIDUAL_BLOCK),
    ...inside("mid.attn_1", "middle.attention", attention),
    ...inside("mid.block_2", "middle.block2", RESIDUAL_BLOCK),
    ["norm_out.{p}", "normOut.{p}"],
    ["conv_out.{p}", "convOut.{p}"],
  ];
}
