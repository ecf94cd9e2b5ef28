/** What `ordo train` says at its end: where things are, and the next command. */
import { dirname, join } from "node:path";
import { systemFor } from "../../recipes/cards.ts";
import type { TrainResult } from "../../recipes/index.ts";
import type { TrainingRecipe } from "../../recipes/recipe.ts";
import { recipes } from "../../recipes/shipped.ts";
import { shellWord } from "../shell-word.ts";

/** The command line as it was given. */
export interface Asked {
  readonly recipe: string;
  readonly data: string;
  readonly out: string;
  readonly tokenizer?: string | undefined;
  readonly steps?: number | undefined;
  readonly batch?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly seed?: number | undefined;
  readonly overfit?: number | undefined;
  readonly checkpointMinutes: number;
  readonly device: string;
  readonly precision: string;
}

export interface Outcome {
  readonly text: string;
  /** The command to go on with. */
  readonly next: string;
  /** The folder of the model, once there is one. */
  readonly model?: string;
}

export function finishedWords(recipe: TrainingRecipe, asked: Asked, result: TrainResult): Outcome {
  const model = join(asked.out, "model");
  const next = nextCommand(recipe, asked, result);
  const facts = Object.entries(result.numbers)
    .filter(([name]) => !name.startsWith("scale"))
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  const text = [
    `${recipe.name} has finished ${result.step} steps: ${facts.join(", ")}`,
    `  model    ${model}`,
    `  samples  ${join(model, "samples.png")}`,
    `  losses   ${join(asked.out, "loss.png")}`,
    `Next: ${next}`,
  ].join("\n");
  return { text, next, model };
}

export function stoppedWords(recipe: TrainingRecipe, asked: Asked, result: TrainResult): Outcome {
  const next = resumeCommand(asked);
  const steps = asked.steps ?? recipe.plan.steps;
  const saved =
    result.step === 0
      ? "stopped before the first step; nothing was saved"
      : `stopped after step ${result.step} of ${steps}; everything is saved in ${asked.out}`;
  return { text: `${saved}\nNext: ${next}`, next };
}

/** The same command line, going on. */
export function resumeCommand(asked: Asked): string {
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ["--data", asked.data],
    ["--tokenizer", asked.tokenizer],
    ["--out", asked.out],
    ["--steps", asked.steps],
    ["--batch", asked.batch],
    ["--learning-rate", asked.learningRate],
    ["--seed", asked.seed],
    ["--overfit", asked.overfit],
    ["--checkpoint-minutes", asked.checkpointMinutes === 3 ? undefined : asked.checkpointMinutes],
    ["--device", asked.device === "cpu" ? undefined : asked.device],
    ["--precision", asked.precision === "fp32" ? undefined : asked.precision],
  ];
  const given = options.flatMap(([name, value]) =>
    value === undefined ? [] : [name, shellWord(String(value))],
  );
  return ["ordo train", shellWord(asked.recipe), ...given, "--resume"].join(" ");
}

function nextCommand(recipe: TrainingRecipe, asked: Asked, result: TrainResult): string {
  const model = join(asked.out, "model");
  switch (recipe.kind) {
    case "system":
      return generate(recipe, model, result);
    case "classifier":
      return `ordo eval samples PICTURES --reference OTHERS --features ${shellWord(model)}`;
    case "tokenizer":
      return build(asked, recipe);
  }
}

function generate(recipe: TrainingRecipe, model: string, { example }: TrainResult): string {
  const byClass = recipe.kind === "system" && recipe.conditioning.kind === "classes";
  const request = byClass ? `--class ${shellWord(example)}` : JSON.stringify(example);
  return `ordo generate ${request} -m ${shellWord(model)}`;
}

/** Training a system on the tokenizer that is there now. */
function build({ data, out }: Asked, recipe: TrainingRecipe): string {
  const fitting = recipes.filter(
    ({ kind, data: { size } }) => kind === "system" && size === recipe.data.size,
  );
  const stem = recipe.name.replace(/-tokenizer$/, "");
  const usual = recipe.kind === "tokenizer" ? systemFor(recipe) : "";
  const system =
    fitting.find(({ name }) => [stem, `${stem}-var`].includes(name)) ??
    fitting.find(({ name }) => name === usual);
  const words = [data, "--tokenizer", join(out, "model"), "--out", join(dirname(out), "model")];
  return `ordo train ${system?.name ?? "RECIPE"} --data ${words.map(shellWord).join(" ")}`;
}
