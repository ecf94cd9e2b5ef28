/**
 * VAR: next-scale prediction (arXiv:2404.02905).
 *
 * A picture becomes K token maps, coarse to fine. Step k predicts map k at once, from the picture
 * rebuilt out of maps 1 … k − 1; tokens of one map do not wait for each other.
 */
import { keepAll } from "../caches/policy.ts";
import { classLabels } from "../conditioning/class-labels.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import { words } from "../conditioning/words.ts";
import { linearRamp } from "../guidance/schedule.ts";
import { nextScale } from "../orders/next-scale.ts";
import { weightInit } from "../predictors/adaln-transformer.ts";
import { requireVocabulary } from "./require-vocabulary.ts";
import type { NextScaleComposition, Resources, System } from "./system.ts";
import { parseVarConfig, type VarConfig } from "./var-config.ts";
import { type VarPresetName, varDecayExempt, varPresets } from "./var-presets.ts";

export const varSystem: System<VarConfig, VarPresetName, NextScaleComposition> = {
  name: "var",
  title: "VAR: next-scale prediction",
  paper: "arXiv:2404.02905",
  presets: Object.fromEntries(
    Object.entries(varPresets).map(([name, { config }]) => [name, config]),
  ) as Record<VarPresetName, VarConfig>,
  parse: parseVarConfig,
  compose: (config, resources) => ({
    base: "next-scale",
    kinds: { tokenizer: "multi-scale-residual-vq", predictor: "adaln-transformer" },
    tokenizer: config.tokenizer, // §3.2, Alg. 1 and 2
    order: nextScale(config.tokenizer.scales, {
      attention: "block-causal",
      input: "reconstruction",
    }),
    predictor: {
      depth: config.depth,
      width: config.width,
      heads: config.heads,
      logits: config.tokenizer.codebookSize,
      normalizeQueryKey: config.queryKeyNorm === "l2",
      sharedModulation: config.sharedModulation,
      gainInit: config.gainInit,
    },
    head: { kind: "categorical", codebookSize: config.tokenizer.codebookSize },
    conditioning: conditioning(config, resources),
    // the released sampler ramps t from 0 to 1.5 in (1 + t)·c − t·u; here s = 1 + t
    guidance: linearRamp({ from: 1, to: 2.5 }),
    cache: keepAll(),
    decoding: { topK: 900, topP: 0.96, temperature: 1 },
    objective: {
      kind: "teacher-forcing",
      conditionDrop: 0.1,
      dropPath: 0,
      decayExempt: varDecayExempt,
    },
  }),
};

function conditioning({ conditioning, width }: VarConfig, resources: Resources): Conditioning {
  const init = weightInit(width);
  if (conditioning.kind === "classes") {
    return classLabels({ classes: conditioning.classes, width, init });
  }
  const vocabulary = requireVocabulary("var", resources);
  const { maxWords } = conditioning;
  return words({ vocabulary, width, maxWords, splitProbability: 0.05, init });
}
