/** A CLIP of a few thousand weights in a folder, as Hugging Face's hub has them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { elementCount, float32Tensor, type TensorMap } from "../../src/checkpoints/tensor-data.ts";
import type { ClipLayout } from "../../src/features/clip-layouts.ts";
import type { ClipSizes, ClipTower } from "../../src/features/clip-sizes.ts";
import { byteSymbols, type ClipVocabulary, WORD_END } from "../../src/features/clip-tokens.ts";
import { clipParameters } from "../../src/features/clip-weights.ts";
import { random } from "../../src/random/random.ts";

const tower: ClipTower = { width: 32, depth: 2, heads: 2, activation: "quick_gelu" };

export const tinyClip: ClipSizes = {
  dimensions: 8,
  image: { ...tower, side: 16, patch: 8 },
  text: { ...tower, vocabulary: 600, longest: 12 },
};

/** Random weights under the names of a layout, large enough for every part to show in the result. */
export function tinyClipTensors(layout?: ClipLayout): TensorMap {
  return new Map(
    clipParameters(tinyClip, layout).map(({ name, shape }) => {
      const normals = random(1, "clip", name).normals(elementCount(shape));
      const isGain = /(norm\d?|layrnorm|ln_\w+)\.weight$/.test(name);
      const values = normals.map((x) => (isGain ? 1 + 0.2 * x : 0.3 * x));
      return [name, float32Tensor(shape, values)];
    }),
  );
}

/** Merges made by hand: with them "lower" is `low` and `er` with the word's end. */
const merges: ClipVocabulary["merges"] = [
  ["l", "o"],
  ["e", `r${WORD_END}`],
  ["lo", "w"],
  ["c", "a"],
  ["ca", `t${WORD_END}`],
];

/** Ids in the order of CLIP's own vocabulary: bytes, bytes that end a word, merges, marks. */
export const tinyVocabulary: ClipVocabulary = {
  merges,
  ids: new Map(
    [
      ...byteSymbols,
      ...byteSymbols.map((symbol) => symbol + WORD_END),
      ...merges.map((pair) => pair.join("")),
      "<|startoftext|>",
      "<|endoftext|>",
    ].map((symbol, i) => [symbol, i]),
  ),
};

/** Writes all files of the folder. */
export async function writeTinyClip(
  folder: string,
  tensors: TensorMap = tinyClipTensors(),
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, "model.safetensors"), tensors);
  const own = { num_attention_heads: 2, hidden_act: "quick_gelu" };
  const config = { model_type: "clip", text_config: own, vision_config: own };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(
    join(folder, "vocab.json"),
    JSON.stringify(Object.fromEntries(tinyVocabulary.ids)),
  );
  const lines = ["#version: 0.2", ...merges.map((pair) => pair.join(" ")), ""];
  await writeFile(join(folder, "merges.txt"), lines.join("\n"));
}
