/**
 * The official files of LlamaGen: `c2i_B_256.pt` and the like, `t2i_XL_stage1_256.pt`, and their
 * tokenizers. What no file tells is the number of heads and, but for a rare table of rotations, the
 * size of pictures; their published names do.
 */
import { basename } from "node:path";
import { officialLlamaGenNames } from "../checkpoints/official-llamagen.ts";
import {
  officialLlamaGenPart,
  officialLlamaGenTokenizerSizes,
  officialLlamaGenTransformerSizes,
} from "../checkpoints/official-llamagen-sizes.ts";
import type { TensorFile } from "../checkpoints/tensor-file.ts";
import { CheckpointError } from "../errors.ts";
import {
  officialLlamaGenConditioning,
  officialLlamaGenTokenizer,
} from "../parity/official-llamagen-config.ts";
import { llamaGenSystem } from "../systems/llamagen.ts";
import { defineRelease, headsOf, PUBLISHED_SIZE, type Release, type SaidSizes } from "./release.ts";

export const llamaGenRelease: Release = defineRelease({
  system: llamaGenSystem,
  files: { transformer: "c2i_B_256.pt", tokenizer: "vq_ds16_c2i.pt" },
  asks: ["size", "heads"],
  prefers: ["model"],
  prefixes: { transformer: "gpt.", tokenizer: "vq." },
  partOf: officialLlamaGenPart,
  names: ({ multipliers }) => officialLlamaGenNames(multipliers.length),
  tokenizer: async ({ transformer, tokenizer }, said) => {
    const sizes = officialLlamaGenTokenizerSizes(tokenizer.file);
    const pixelsPerToken = 2 ** (sizes.ch_mult.length - 1);
    const side = transformer
      ? sideOf(transformer.file, pixelsPerToken, said)
      : (said.size ?? PUBLISHED_SIZE) / pixelsPerToken;
    return officialLlamaGenTokenizer(sizes, side);
  },
  config: (file, tokenizer, said) => {
    const sizes = officialLlamaGenTransformerSizes(file);
    const { n_layer: depth, dim: width, hidden, rotations } = sizes;
    const published = Object.values(llamaGenSystem.presets);
    const heads = rotations
      ? width / rotations.headSize
      : headsOf(file.path, said, published, { depth, width });
    const conditioning = officialLlamaGenConditioning(sizes);
    return { depth, width, heads, hidden, conditioning, tokenizer };
  },
});

const OFFICIAL_NAME = /^[ct]2i_\w+_(256|384|512)\.pt$/;

/** Tokens per side. @throws CheckpointError if nothing tells them. */
function sideOf(file: TensorFile, pixelsPerToken: number, { size }: SaidSizes): number {
  const { rotations } = officialLlamaGenTransformerSizes(file);
  if (rotations) return Math.sqrt(rotations.tokens);
  const named = OFFICIAL_NAME.exec(basename(file.path))?.[1];
  const pixels = size ?? (named === undefined ? undefined : Number(named));
  if (pixels !== undefined && pixels % pixelsPerToken === 0) return pixels / pixelsPerToken;
  throw new CheckpointError({
    where: file.path,
    expected: `pixels per side of its pictures, a multiple of ${pixelsPerToken}`,
    got: pixels === undefined ? "a file that does not tell them" : String(pixels),
    hint: "Give them: --size 256",
  });
}
