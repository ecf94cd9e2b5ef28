/** How files of CLIP call its parameters: Hugging Face's `transformers`, and OpenAI's own code. */
import type { ExpectedParameter } from "../checkpoints/match-parameters.ts";
import { inside, type NameMap, type NameRow, nameMap } from "../checkpoints/name-map.ts";
import type { TensorEntry } from "../checkpoints/tensor-file.ts";
import { CheckpointError } from "../errors.ts";

export interface ClipLayout {
  /** What all names of the image tower begin with. */
  readonly images: string;
  readonly names: NameMap;
  /** Whether queries, keys and values are tensors of their own: `qkv_proj` stands for the three. */
  readonly splitsHeads: boolean;
  /** Paths of ours whose matrices are [in, out] in the file. */
  readonly turned: readonly string[];
}

const theirBlock: readonly NameRow[] = [
  ["layer_norm1.{p}", "norm1.{p}"],
  ["self_attn.qkv_proj.{p}", "qkv.{p}"],
  ["self_attn.out_proj.{p}", "projection.{p}"],
  ["layer_norm2.{p}", "norm2.{p}"],
  ["mlp.fc1.{p}", "mlp.fc1.{p}"],
  ["mlp.fc2.{p}", "mlp.fc2.{p}"],
];

export const huggingFace: ClipLayout = {
  images: "vision_model.",
  splitsHeads: true,
  turned: [],
  names: nameMap(
    [
      ["vision_model.embeddings.class_embedding", "image.classToken"],
      ["vision_model.embeddings.patch_embedding.weight", "image.patches.weight"],
      ["vision_model.embeddings.position_embedding.weight", "image.positions"],
      // without its third e in every release
      ["vision_model.pre_layrnorm.{p}", "image.normBefore.{p}"],
      ...inside("vision_model.encoder.layers.{i}", "image.blocks.{i}", theirBlock),
      ["vision_model.post_layernorm.{p}", "image.norm.{p}"],
      ["visual_projection.weight", "image.projection.weight"],
      ["text_model.embeddings.token_embedding.weight", "text.tokens.weight"],
      ["text_model.embeddings.position_embedding.weight", "text.positions"],
      ...inside("text_model.encoder.layers.{i}", "text.blocks.{i}", theirBlock),
      ["text_model.final_layer_norm.{p}", "text.norm.{p}"],
      ["text_projection.weight", "text.projection.weight"],
    ],
    ["vision_model.embeddings.position_ids", "text_model.embeddings.position_ids"],
  ),
};

const officialBlock: readonly NameRow[] = [
  ["ln_1.{p}", "norm1.{p}"],
  ["attn.in_proj_{p}", "qkv.{p}"],
  ["attn.out_proj.{p}", "projection.{p}"],
  ["ln_2.{p}", "norm2.{p}"],
  ["mlp.c_fc.{p}", "mlp.fc1.{p}"],
  ["mlp.c_proj.{p}", "mlp.fc2.{p}"],
];

export const openAi: ClipLayout = {
  images: "visual.",
  splitsHeads: false,
  turned: ["image.projection.weight", "text.projection.weight"],
  names: nameMap(
    [
      ["visual.class_embedding", "image.classToken"],
      ["visual.conv1.weight", "image.patches.weight"],
      ["visual.positional_embedding", "image.positions"],
      ["visual.ln_pre.{p}", "image.normBefore.{p}"],
      ...inside("visual.transformer.resblocks.{i}", "image.blocks.{i}", officialBlock),
      ["visual.ln_post.{p}", "image.norm.{p}"],
      ["visual.proj", "image.projection.weight"],
      ["token_embedding.weight", "text.tokens.weight"],
      ["positional_embedding", "text.positions"],
      ...inside("transformer.resblocks.{i}", "text.blocks.{i}", officialBlock),
      ["ln_final.{p}", "text.norm.{p}"],
      ["text_projection", "text.projection.weight"],
    ],
    ["input_resolution", "context_length", "vocab_size"],
  ),
};

const layouts = [huggingFace, openAi];

/** The tensors of a file that make up a parameter, one after the other along its first axis. */
export function tensorsOf(
  { names, splitsHeads, turned }: ClipLayout,
  path: string,
  shape: readonly number[],
): ExpectedParameter[] {
  const name = names.toOfficial(path)!;
  if (turned.includes(path)) return [{ name, shape: [...shape].reverse() }];
  if (!splitsHeads || !name.includes(".qkv_proj.")) return [{ name, shape }];
  const [rows, ...rest] = shape as [number, ...number[]];
  return ["q", "k", "v"].map((one) => ({
    name: name.replace(".qkv_proj.", `.${one}_proj.`),
    shape: [rows / 3, ...rest],
  }));
}

/** @throws CheckpointError if the names are of neither. */
export function layoutOf(entries: readonly TensorEntry[], where: string): ClipLayout {
  const found = layouts.find(({ images }) => entries.some(({ name }) => name.startsWith(images)));
  if (found) return found;
  const keys = layouts.map(({ names }) => names.toOfficial("image.patches.weight"));
  const got = entries.length === 0 ? "no tensors" : `keys like ${entries[0]!.name}`;
  throw new CheckpointError({ where, expected: `CLIP's weights, with ${keys.join(" or ")}`, got });
}
