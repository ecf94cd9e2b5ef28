/**
 * MAR: masked autoregression over continuous tokens (arXiv:2406.11838).
 *
 * A picture becomes one grid of vectors. Each step predicts some of them, anywhere in the grid, from
 * all that are known; a small denoiser draws each from what the predictor says of its place.
 */
import { keepNone } from "../caches/policy.ts";
import { classLabels } from "../conditioning/class-labels.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import { words } from "../conditioning/words.ts";
import { revealed } from "../guidance/schedule.ts";
import { marMaskRatios } from "../objectives/masking.ts";
import { randomOrder } from "../orders/random-order.ts";
import { maskedInit } from "../predictors/masked-encoder-decoder.ts";
import { random } from "../random/random.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { type MarConfig, parseMarConfig } from "./mar-config.ts";
import { type MarPresetName, marPresets } from "./mar-presets.ts";
import { requireVocabulary } from "./require-vocabulary.ts";
import type { MaskedComposition, Resources, System } from "./system.ts";

export const marSystem: System<MarConfig, MarPresetName, MaskedComposition> = {
  name: "mar",
  title: "MAR: masked autoregression with a diffusion head",
  paper: "arXiv:2406.11838",
  presets: marPresets,
  parse: parseMarConfig,
  compose: (config, resources) => ({
    base: "masked",
    kinds: { tokenizer: "vae", predictor: "masked-encoder-decoder" },
    tokenizer: config.tokenizer,
    // one of many: each picture has its own, drawn from its seed
    order: randomOrder(
      random(0, "order").permutation(tokenSizes(config.tokenizer).count),
      config.steps,
    ),
    predictor: {
      width: config.width,
      encoder: config.encoder,
      decoder: config.decoder,
      classSlots: config.classSlots,
      placeMap: config.placeMap,
    },
    head: { kind: "diffusion", ...config.head, steps: config.diffusionSteps },
    conditioning: conditioning(config, resources),
    guidance: revealed(3), // L; B takes 2.9, H 3.2
    cache: keepNone(), // what a known token sees grows, so that nothing of it can be kept
    decoding: { topK: 0, topP: 1, temperature: 1 },
    objective: {
      kind: "masked-diffusion",
      conditionDrop: 0.1,
      maskRatios: marMaskRatios,
      repeats: 4,
      attentionDropout: 0.1,
      branchDropout: 0.1,
      decayExempt: ["head."],
    },
  }),
};

function conditioning({ conditioning, width }: MarConfig, resources: Resources): Conditioning {
  const init = maskedInit;
  if (conditioning.kind === "classes") {
    return classLabels({ classes: conditioning.classes, width, init, separateNull: true });
  }
  const { maxWords } = conditioning;
  const vocabulary = requireVocabulary("mar", resources);
  return words({ vocabulary, width, maxWords, splitProbability: 0.05, init });
}
