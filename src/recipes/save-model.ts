/** Writing what a recipe trained as model folders with their cards. */
import { modelCard } from "../checkpoints/model-card.ts";
import { type Json, MODEL_FORMAT, type ModelConfig } from "../checkpoints/model-config.ts";
import { writeModelFolder } from "../checkpoints/model-folder.ts";
import type { Vocabulary } from "../conditioning/vocabulary.ts";
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import { TOKENIZER_PREFIX, VOCABULARY_FILE } from "../systems/load.ts";
import type { VarConfig } from "../systems/var-config.ts";
import type { RunFacts } from "../training/task.ts";
import type { SystemRecipe, TokenizerRecipe, TrainingRecipe } from "./recipe.ts";
import { type LoadedTokenizer, TOKENIZER_SYSTEM, tensorsOf } from "./tokenizer-folder.ts";

type Parameters = ReadonlyMap<string, Float32Array>;

function trainingFacts({ name, card }: TrainingRecipe, data: string, facts: RunFacts) {
  return {
    recipe: name,
    data: [card?.dataset ?? data],
    ...(card && { licence: card.license }),
    steps: facts.steps,
    hours: Math.round(facts.hours * 100) / 100,
    hardware: facts.hardware,
    results: rounded(facts.numbers),
  };
}

function rounded(numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
}

export async function saveTokenizer(
  folder: string,
  recipe: TokenizerRecipe,
  data: string,
  specs: ParameterSpecs,
  parameters: Parameters,
  facts: RunFacts,
): Promise<void> {
  await writeModelFolder(folder, {
    config: {
      format: MODEL_FORMAT,
      system: TOKENIZER_SYSTEM,
      parts: json(recipe.tokenizer),
      training: trainingFacts(recipe, data, facts),
    },
    weights: tensorsOf(specs, parameters, TOKENIZER_PREFIX),
  });
}

export interface SystemToSave {
  readonly recipe: SystemRecipe;
  readonly config: VarConfig;
  readonly data: string;
  readonly tokenizer: LoadedTokenizer;
  readonly vocabulary?: Vocabulary;
  readonly classNames?: readonly string[];
}

export async function saveSystem(
  folder: string,
  { recipe, config: sizes, data, tokenizer, vocabulary, classNames }: SystemToSave,
  specs: ParameterSpecs,
  parameters: Parameters,
  facts: RunFacts,
): Promise<void> {
  const config: ModelConfig = {
    format: MODEL_FORMAT,
    system: recipe.system,
    parts: json(sizes),
    training: {
      ...trainingFacts(recipe, data, facts),
      tokenizer: json(tokenizer.training),
    },
    sampling: recipe.sampling,
  };
  const count = countParameters(specs);
  await writeModelFolder(folder, {
    config,
    weights: tensorsOf(specs, parameters),
    tokenizer: tokenizer.stored,
    storage: "float16",
    json: {
      ...(vocabulary && { [VOCABULARY_FILE]: json(vocabulary.toJSON()) }),
      ...(classNames && { "classes.json": [...classNames] }),
    },
    card: card(recipe, config, count, facts, tokenizer),
  });
}

function card(
  recipe: SystemRecipe,
  config: ModelConfig,
  parameters: number,
  facts: RunFacts,
  tokenizer: LoadedTokenizer,
): string {
  const { name, card } = recipe;
  const own = (tokenizer.training.results ?? {}) as Record<string, number>;
  const dataset = card?.dataset ?? "own pictures";
  const results = [
    { metric: "loss per token", value: facts.numbers.loss!, unit: "nats", dataset },
    ...(own.psnr === undefined
      ? []
      : [{ metric: "reconstruction PSNR", value: own.psnr, unit: "dB", dataset }]),
    ...(own.used === undefined ? [] : [{ metric: "codebook usage", value: own.used, dataset }]),
  ];
  return modelCard({
    name,
    summary: card?.summary ?? `A ${recipe.system} trained by \`ordo train ${name}\`.`,
    config,
    license: card?.license ?? "other",
    pipelineTag: "text-to-image",
    parameters,
    usage: [`npx ordo generate "red apple" -m ${name}`],
    datasets: [dataset],
    results,
    ...(card && { attribution: card.attribution, limits: card.limits }),
  });
}

/** The value as JSON would give it back. */
function json(value: unknown): Record<string, Json> {
  return JSON.parse(JSON.stringify(value)) as Record<string, Json>;
}
