/**
 * The official files of MAR: `checkpoint-last.pth`, of which the averaged weights are taken, and
 * `kl16.ckpt`. What no file tells is the number of heads, the factor of latents and how many steps a
 * picture takes, for which the official code has one setting each.
 */
import { officialMarNames } from "../checkpoints/official-mar.ts";
import {
  officialMarPart,
  officialMarTokenizerSizes,
  officialMarTransformerSizes,
} from "../checkpoints/official-mar-sizes.ts";
import { CheckpointError } from "../errors.ts";
import { marSystem } from "../systems/mar.ts";
import type { MarConfig } from "../systems/mar-config.ts";
import { downsampling } from "../tokenizers/autoencoder.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import {
  defineRelease,
  headsOf,
  type ModelFiles,
  PUBLISHED_SIZE,
  type Release,
} from "./release.ts";

const { steps: STEPS, diffusionSteps, tokenizer: kl16 } = marSystem.presets["b-256"];
const published = Object.values(marSystem.presets);

export const marRelease: Release = defineRelease<MarConfig>({
  system: marSystem,
  files: { transformer: "checkpoint-last.pth", tokenizer: "kl16.ckpt" },
  asks: ["size", "heads"],
  prefers: ["model_ema"],
  prefixes: { transformer: "mar.", tokenizer: "vae." },
  partOf: officialMarPart,
  names: () => officialMarNames,
  tokenizer: async (files, { size }) => {
    const sizes = { ...kl16, ...officialMarTokenizerSizes(files.tokenizer.file) };
    const side = (size ?? PUBLISHED_SIZE) / downsampling(sizes);
    const told = files.transformer && gridOf(files, sizes.latentChannels);
    if (told && size !== undefined && told.side !== side) {
      throw new CheckpointError({
        where: "--size",
        expected: `${told.side * downsampling(sizes)}, as the transformer has positions for`,
        got: String(size),
      });
    }
    return {
      ...sizes,
      height: told?.side ?? side,
      width: told?.side ?? side,
      cellsPerToken: told?.cellsPerToken ?? 1,
    };
  },
  config: (file, tokenizer, said) => {
    const { width, head, classSlots, classes, ...sizes } = officialMarTransformerSizes(file);
    const stack = (depth: number) => ({
      depth,
      heads: headsOf(file.path, said, stacks, { depth, width }),
    });
    return {
      width,
      encoder: stack(sizes.encoderDepth),
      decoder: stack(sizes.decoderDepth),
      classSlots,
      head,
      steps: Math.min(STEPS, tokenSizes(tokenizer).count),
      diffusionSteps,
      conditioning: { kind: "classes", classes },
      tokenizer,
    };
  },
  // those of the paper's ablations were drawn in fewer
  alike: ({ steps: _, ...sizes }) => sizes,
});

const stacks = published.flatMap(({ width, encoder, decoder }) => [
  { width, ...encoder },
  { width, ...decoder },
]);

/** Latent cells per side of a picture, and of a token. @throws CheckpointError if they do not fit. */
function gridOf({ transformer }: ModelFiles, latentChannels: number) {
  const { path } = transformer!.file;
  const { side, tokenChannels } = officialMarTransformerSizes(transformer!.file);
  const cellsPerToken = Math.sqrt(tokenChannels / latentChannels);
  if (Number.isInteger(cellsPerToken) && cellsPerToken >= 1) {
    return { side: side * cellsPerToken, cellsPerToken };
  }
  throw new CheckpointError({
    where: path,
    expected: `tokens of squares of cells with ${latentChannels} numbers each, as the tokenizer's`,
    got: `tokens of ${tokenChannels} numbers`,
    hint: "The tokenizer is another model's",
  });
}
