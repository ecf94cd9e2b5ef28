/** Writing what a recipe trained as model folders with their cards. */
import { join } from "node:path";
import {
  type Json,
  MODEL_FORMAT,
  type ModelConfig,
  type TrainingFacts,
} from "../checkpoints/model-config.ts";
import { writeModelFolder } from "../checkpoints/model-folder.ts";
import type { Vocabulary } from "../conditioning/vocabulary.ts";
import { enlarge, grid } from "../images/grid.ts";
import { writePicture } from "../images/write.ts";
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import { CLASSES_FILE, VOCABULARY_FILE } from "../systems/assemble.ts";
import { TOKENIZER_PREFIX } from "../systems/model-parameters.ts";
import type { Preview, RunFacts } from "../training/task.ts";
import { rounded, SAMPLES, systemCard, tokenizerCard } from "./cards.ts";
import type { TokenizerMeasure } from "./measure-tokenizer.ts";
import type { SystemRecipe, TokenizerRecipe, TrainingRecipe } from "./recipe.ts";
import { type LoadedTokenizer, tensorsOf, tokenizerSystem } from "./tokenizer-folder.ts";

/** What a training leaves behind. */
export interface Trained {
  /** Name of the data, for the card. */
  readonly data: string;
  readonly specs: ParameterSpecs;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly facts: RunFacts;
  /** The tokenizer's results on the data. */
  readonly measure: TokenizerMeasure;
}

export async function saveTokenizer(
  folder: string,
  recipe: TokenizerRecipe,
  trained: Trained,
): Promise<void> {
  const { specs, parameters, facts, measure } = trained;
  const config: ModelConfig = {
    format: MODEL_FORMAT,
    system: tokenizerSystem(recipe.tokenizer),
    parts: json(recipe.tokenizer),
    training: tokenizerFacts(recipe, trained),
  };
  const { tokenizer } = recipe;
  const count = countParameters(specs);
  await writeModelFolder(folder, {
    config,
    weights: tensorsOf(specs, parameters, TOKENIZER_PREFIX),
    card: tokenizerCard(recipe, { config, parameters: count, facts, tokenizer, measure }),
  });
  await writeSamples(folder, facts.preview);
}

export interface SystemToSave {
  readonly recipe: SystemRecipe;
  /** Sizes of the system, as its configuration holds them. */
  readonly config: object;
  readonly tokenizer: LoadedTokenizer;
  readonly vocabulary?: Vocabulary;
  readonly classNames?: readonly string[];
  /** Words that the model has learned, for its card. */
  readonly example: string;
}

export async function saveSystem(
  folder: string,
  { recipe, config: sizes, tokenizer, vocabulary, classNames, example }: SystemToSave,
  trained: Trained,
): Promise<void> {
  const { specs, parameters, facts, measure } = trained;
  const config: ModelConfig = {
    format: MODEL_FORMAT,
    system: recipe.system,
    parts: json(sizes),
    training: { ...tokenizerFacts(recipe, trained), tokenizer: json(tokenizer.training) },
    sampling: recipe.sampling,
  };
  await writeModelFolder(folder, {
    config,
    weights: tensorsOf(specs, parameters),
    tokenizer: tokenizer.stored,
    storage: "float16",
    json: {
      ...(vocabulary && { [VOCABULARY_FILE]: json(vocabulary.toJSON()) }),
      ...(classNames && { [CLASSES_FILE]: [...classNames] }),
    },
    card: systemCard(recipe, example, {
      config,
      parameters: countParameters(specs),
      facts,
      tokenizer: tokenizer.options,
      measure,
    }),
  });
  await writeSamples(folder, facts.preview);
}

function tokenizerFacts(recipe: TrainingRecipe, trained: Trained): TrainingFacts {
  const { psnr, codebookUsage, pictures } = trained.measure;
  const usage = codebookUsage === undefined ? {} : { codebookUsage };
  const results = { ...trained.facts.numbers, psnr, ...usage };
  return { ...trainingFacts(recipe, trained, results), measuredOn: pictures };
}

/** What a run was and what came of it, as configurations tell it. */
export function trainingFacts(
  { name, card }: TrainingRecipe,
  { data, facts }: Pick<Trained, "data" | "facts">,
  results: Readonly<Record<string, number>>,
): TrainingFacts {
  return {
    recipe: name,
    data: [card?.dataset ?? data],
    ...(card && { licence: card.license }),
    steps: facts.steps,
    hours: Number(facts.hours.toPrecision(3)),
    hardware: facts.hardware,
    results: Object.fromEntries(
      Object.entries(results).map(([key, value]) => [key, rounded(value)]),
    ),
  };
}

/** The last preview, large enough for a page. */
export async function writeSamples(folder: string, { pictures, columns }: Preview): Promise<void> {
  await writePicture(enlarge(grid(pictures, { columns }), 2), join(folder, SAMPLES));
}

/** The value as JSON would give it back. */
function json(value: unknown): Record<string, Json> {
  return JSON.parse(JSON.stringify(value)) as Record<string, Json>;
}
