/** The official files of VAR: `var_d16.pth` and the like, and the tokenizer that they share. */
import { officialVarNames } from "../checkpoints/official-var.ts";
import {
  type OfficialTransformerSizes,
  officialTokenizerSizes,
  officialTransformerSizes,
  officialVarPart,
} from "../checkpoints/official-var-sizes.ts";
import { CheckpointError } from "../errors.ts";
import { scaleSchedules, tokenCount } from "../orders/scale-schedule.ts";
import { officialVarTokenizer, officialVarTransformer } from "../parity/official-var-config.ts";
import { varSystem } from "../systems/var.ts";
import { defineRelease, type Release } from "./release.ts";

export const varRelease: Release = defineRelease({
  system: varSystem,
  files: { transformer: "var_d16.pth", tokenizer: "vae_ch160v4096z32.pth" },
  asks: ["scales"],
  prefers: [],
  prefixes: { transformer: "var.", tokenizer: "vqvae." },
  partOf: officialVarPart,
  names: () => officialVarNames,
  tokenizer: async ({ transformer, tokenizer }, { scales }) => {
    const sizes = transformer && (await officialTransformerSizes(transformer.file));
    const patch_nums = scales ?? sizes?.patch_nums ?? publishedSides(sizes);
    return officialVarTokenizer({ ...officialTokenizerSizes(tokenizer.file), patch_nums });
  },
  config: async (file, tokenizer) => {
    return { ...officialVarTransformer(await officialTransformerSizes(file)), tokenizer };
  },
  alike: ({ gainInit: _, ...sizes }) => sizes,
});

function publishedSides(sizes: OfficialTransformerSizes | undefined): readonly number[] {
  const all = Object.values(scaleSchedules);
  const fits = sizes
    ? all.find((one) => one.length === sizes.maps && tokenCount(one) === sizes.tokens)
    : scaleSchedules["256"];
  if (fits) return fits.map(({ height }) => height);
  throw new CheckpointError({
    where: "the transformer",
    expected: "a published schedule of token maps",
    got: `${sizes!.maps} maps with ${sizes!.tokens} tokens together`,
    hint: "Give their sides: --scales 1,2,3,4",
  });
}
