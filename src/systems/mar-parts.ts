/** The parts that a MAR is made of, from its sizes. */
import { classLabels } from "../conditioning/class-labels.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import { words } from "../conditioning/words.ts";
import { ConfigError } from "../errors.ts";
import type { DiffusionMlpOptions } from "../heads/diffusion-mlp.ts";
import { type MaskedPredictorOptions, maskedInit } from "../predictors/masked-encoder-decoder.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import type { MarConfig } from "./mar-config.ts";
import type { Resources } from "./system.ts";

export interface MarParts {
  readonly predictor: MaskedPredictorOptions;
  readonly head: DiffusionMlpOptions;
}

/** @throws ConfigError if a model on words has no vocabulary. */
export function marParts(config: MarConfig, resources: Resources): MarParts {
  const { width, encoder, decoder, classSlots, head } = config;
  const tokens = tokenSizes(config.tokenizer);
  return {
    predictor: {
      width,
      encoder,
      decoder,
      classSlots,
      tokens,
      conditioning: conditioning(config, resources),
    },
    head: { ...head, channels: tokens.channels, condition: width },
  };
}

function conditioning({ conditioning, width }: MarConfig, { vocabulary }: Resources): Conditioning {
  const init = maskedInit;
  if (conditioning.kind === "classes") {
    return classLabels({ classes: conditioning.classes, width, init, separateNull: true });
  }
  if (!vocabulary) {
    throw new ConfigError({
      where: "mar.conditioning",
      expected: "a vocabulary beside the model",
      got: "none",
    });
  }
  const { maxWords } = conditioning;
  return words({ vocabulary, width, maxWords, splitProbability: 0.05, init });
}
