/**
 * LlamaGen: next-token prediction over an image's grid (arXiv:2406.06525).
 *
 * A picture becomes one grid of tokens, read row by row. Each token is predicted from all before it
 * by a plain Llama decoder, with the condition in front as if it were tokens too.
 */
import { keepAll } from "../caches/policy.ts";
import { captions } from "../conditioning/captions.ts";
import { classLabels } from "../conditioning/class-labels.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import { words } from "../conditioning/words.ts";
import { constant } from "../guidance/schedule.ts";
import { raster } from "../orders/raster.ts";
import { llamaInit } from "../predictors/llama-transformer.ts";
import { type LlamaGenConfig, parseLlamaGenConfig } from "./llamagen-config.ts";
import { type LlamaGenPresetName, llamaGenPresets } from "./llamagen-presets.ts";
import { requireVocabulary } from "./require-vocabulary.ts";
import type { NextTokenComposition, Resources, System } from "./system.ts";

export const llamaGenSystem: System<LlamaGenConfig, LlamaGenPresetName, NextTokenComposition> = {
  name: "llamagen",
  title: "LlamaGen: next-token prediction",
  paper: "arXiv:2406.06525",
  presets: llamaGenPresets,
  parse: parseLlamaGenConfig,
  compose: (config, resources) => ({
    base: "next-token",
    kinds: { tokenizer: "vq", predictor: "llama-transformer" },
    tokenizer: config.tokenizer, // §2.1
    order: raster(config.tokenizer.grid),
    predictor: {
      depth: config.depth,
      width: config.width,
      heads: config.heads,
      hidden: config.hidden,
      logits: config.tokenizer.codebookSize,
    },
    head: { kind: "categorical", codebookSize: config.tokenizer.codebookSize },
    conditioning: conditioning(config, resources),
    // what B and L are evaluated with; the larger ones take 1.65 to 1.75, the demo 4
    guidance: constant(2),
    cache: keepAll(),
    decoding: { topK: 0, topP: 1, temperature: 1 },
    objective: {
      kind: "teacher-forcing",
      conditionDrop: 0.1,
      dropPath: 0,
      tokenDropout: 0.1,
      branchDropout: 0.1,
      decayExempt: [],
    },
  }),
};

function conditioning({ conditioning, width }: LlamaGenConfig, resources: Resources): Conditioning {
  const init = llamaInit;
  switch (conditioning.kind) {
    case "classes":
      return classLabels({ classes: conditioning.classes, width, init });
    case "captions":
      return captions({ ...conditioning, width, init });
    case "words": {
      const { maxWords } = conditioning;
      const vocabulary = requireVocabulary("llamagen", resources);
      return words({ vocabulary, width, maxWords, splitProbability: 0.05, init });
    }
  }
}
