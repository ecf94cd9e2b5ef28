/** The cards of what recipes train. */
import { type ModelResult, modelCard } from "../checkpoints/model-card.ts";
import type { ModelConfig } from "../checkpoints/model-config.ts";
import { tokenCount } from "../orders/scale-schedule.ts";
import { type TokenizerOptions, tokenizerOf } from "../tokenizers/tokenizer.ts";
import type { RunFacts } from "../training/task.ts";
import type { TokenizerMeasure } from "./measure-tokenizer.ts";
import type { SystemRecipe, TokenizerRecipe, TrainingRecipe } from "./recipe.ts";

/** File of a model folder that shows what the model makes. */
export const SAMPLES = "samples.png";

export interface CardFacts {
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly facts: RunFacts;
  readonly tokenizer: TokenizerOptions;
  /** On the pictures of the training. */
  readonly measure: TokenizerMeasure;
}

export function systemCard(
  recipe: SystemRecipe,
  example: string,
  { config, parameters, facts, tokenizer, measure }: CardFacts,
): string {
  const { name, card } = recipe;
  const { size } = recipe.data;
  const request = recipe.conditioning.kind === "classes" ? "--class " : "";
  const model = card ? name : "path/to/this/folder";
  const steps = `${datasetOf(recipe)}, last ${facts.averaged} training steps`;
  const loss = (metric: string, value: number | undefined): ModelResult[] =>
    value === undefined ? [] : [{ metric, value: rounded(value), unit: "nats", dataset: steps }];
  return modelCard({
    name,
    summary:
      card?.summary ??
      `Draws pictures of ${size}×${size} pixels; trained by \`ordo train ${name}\`.`,
    config,
    license: card?.license ?? "other",
    pipelineTag: "text-to-image",
    parameters,
    usage: [`npx ordo generate ${request}${JSON.stringify(card?.example ?? example)} -m ${model}`],
    datasets: [datasetOf(recipe)],
    results: [
      ...loss("loss per token", facts.numbers.loss),
      ...tokenizerOf(tokenizer).maps.flatMap(({ height, width }, k) =>
        loss(`loss of map ${k + 1}, ${height}×${width}`, facts.numbers[`scale${k + 1}`]),
      ),
      ...tokenizerResults(recipe, measure),
    ],
    ...(card && { attribution: card.attribution, limits: card.limits }),
    picture: SAMPLES,
  });
}

export function tokenizerCard(
  recipe: TokenizerRecipe,
  { config, parameters, tokenizer, measure }: CardFacts,
): string {
  const { name, card } = recipe;
  const { maps } = tokenizerOf(tokenizer);
  const { height, width } = maps.at(-1)!;
  const tokens = tokenCount(maps);
  const shape =
    maps.length === 1
      ? `a map of ${height}×${width}`
      : `${maps.length} maps from 1×1 to ${height}×${width}`;
  const { size } = recipe.data;
  return modelCard({
    name,
    summary:
      `Turns pictures of ${size}×${size} pixels into ${tokens} tokens, ${shape}, and back. Below, ` +
      "each picture stands left of its reconstruction.",
    config,
    license: card?.license ?? "other",
    pipelineTag: "image-to-image",
    parameters,
    usage: [
      `npx ordo train ${systemFor(recipe)} --data pictures --tokenizer path/to/this/folder --out runs/model`,
    ],
    datasets: [datasetOf(recipe)],
    results: tokenizerResults(recipe, measure),
    ...(card && { attribution: card.attribution }),
    picture: SAMPLES,
  });
}

/** The recipe for people's own pictures that trains a system on such a tokenizer. */
export function systemFor({ tokenizer }: TokenizerRecipe): string {
  return tokenizer.kind === "vq" ? "small-llamagen" : "small-var";
}

function tokenizerResults(recipe: TrainingRecipe, measure: TokenizerMeasure): ModelResult[] {
  const usage = measure.codebookUsage;
  const dataset = `${datasetOf(recipe)}, ${measure.pictures} pictures`;
  return [
    { metric: "reconstruction PSNR", value: rounded(measure.psnr), unit: "dB", dataset },
    ...(usage === undefined ? [] : [{ metric: "codebook usage", value: rounded(usage), dataset }]),
  ];
}

export function datasetOf({ card }: TrainingRecipe): string {
  return card?.dataset ?? "own pictures";
}

/** Four digits: more would only be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
