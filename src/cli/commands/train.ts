import type { TrainOptions, TrainResult } from "../../recipes/index.ts";
import type { TrainingRecipe } from "../../recipes/recipe.ts";
import { recipes } from "../../recipes/shipped.ts";
import type { Device } from "../../runtime/device.ts";
import type { TrainingPlan } from "../../training/plan.ts";
import { type Command, type CommandResult, defineCommand } from "../command.ts";
import { device, precision, seed } from "../options.ts";
import { flag, integer, number, text } from "../schemas.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { withDevice } from "../with-device.ts";
import { type Asked, finishedWords, resumeCommand, stoppedWords } from "./train-outcome.ts";
import { trainingProgress } from "./train-progress.ts";

const dataWords = "a folder or zip of pictures";
const outWords = "a folder for the run";

/** Trains a tokenizer or a system. */
export const train: Command = defineCommand({
  name: "train",
  summary: "Trains a tokenizer, a model on it, or a feature network, from your own pictures.",
  examples: [
    "ordo train --list",
    "ordo train small-tokenizer --data pictures --out runs/tokenizer",
    "ordo train small-var --data pictures --tokenizer runs/tokenizer --out runs/model",
    "ordo train small-var --data pictures --tokenizer runs/tokenizer --out runs/model --resume",
  ],
  arguments: {
    recipe: {
      summary: "a name that --list shows, or a .json, .js or .mjs file",
      schema: text("a recipe").optional(),
      suggest: () => recipes.map(({ name }) => name),
    },
  },
  options: {
    list: { flags: "--list", summary: "show the recipes", schema: flag() },
    data: { flags: "--data <path>", summary: dataWords, schema: text(dataWords).optional() },
    out: {
      flags: "-o, --out <folder>",
      aliases: ["--output"],
      summary: `${outWords}: checkpoints, previews, losses, and at the end the model`,
      schema: text(outWords).optional(),
    },
    tokenizer: {
      flags: "--tokenizer <model>",
      summary: "for a system: a trained tokenizer, or a model that has one",
      schema: text("a folder or a shipped model").optional(),
    },
    steps: {
      flags: "--steps <number>",
      summary: "instead of the recipe's; what its schedules give as shares stretches along",
      schema: integer({ from: 1 }).optional(),
    },
    batch: {
      flags: "--batch <number>",
      aliases: ["--batch-size"],
      summary: "pictures per step, instead of the recipe's",
      schema: integer({ from: 1, to: 65_536 }).optional(),
    },
    learningRate: {
      flags: "--learning-rate <number>",
      aliases: ["--lr"],
      summary: "the highest one, instead of the recipe's",
      schema: number({ above: 0 }).optional(),
    },
    seed: { ...seed, summary: "where randomness starts, instead of the recipe's" },
    resume: {
      flags: "--resume",
      summary: "go on from the newest checkpoint in --out",
      schema: flag(),
    },
    checkpointMinutes: {
      flags: "--checkpoint-minutes <number>",
      summary: "how often everything is saved",
      schema: number({ above: 0 }).default(3),
    },
    overfit: {
      flags: "--overfit <number>",
      summary: "only the first pictures: a model that works learns them by heart",
      schema: integer({ from: 1 }).optional(),
    },
    device,
    precision,
  },
  async run({ terminal, signal }, values) {
    if (values.list) return listing();
    const asked = complete(values);
    // these bring the engine
    const { loadRecipe, train: run } = await import("../../recipes/index.ts");
    const recipe = await loadRecipe(asked.recipe);
    const trainOn = async (opened: Device) => {
      const progress = trainingProgress(terminal, recipe, values);
      const options: TrainOptions = {
        device: opened,
        data: asked.data,
        folder: asked.out,
        ...(asked.tokenizer && { tokenizer: asked.tokenizer }),
        resume: values.resume,
        plan: planOf(values),
        ...(values.overfit && { overfit: values.overfit }),
        checkpointSeconds: values.checkpointMinutes * 60,
        signal,
        ...progress.listeners,
      };
      const result = await run(recipe, options).finally(() => progress.stop());
      return outcome(recipe, asked, result);
    };
    return withDevice(values.device, terminal, trainOn, { precision: values.precision });
  },
});

interface Values {
  readonly steps?: number | undefined;
  readonly batch?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly seed?: number | undefined;
}

function planOf({ steps, batch, learningRate, seed }: Values): Partial<TrainingPlan> {
  return {
    ...(steps !== undefined && { steps }),
    ...(batch !== undefined && { batchSize: batch }),
    ...(learningRate !== undefined && { learningRate }),
    ...(seed !== undefined && { seed }),
  };
}

/** What only `--list` can do without. @throws UsageError naming all of it. */
function complete(
  values: Omit<Asked, "recipe" | "data" | "out"> & {
    readonly recipe: string | undefined;
    readonly data: string | undefined;
    readonly out: string | undefined;
  },
): Asked {
  const { recipe, data, out } = values;
  if (recipe && data && out) return { ...values, recipe, data, out };
  const problems = [
    ...(recipe ? [] : ["recipe: expected a name or a file, got nothing"]),
    ...(data ? [] : [`--data: expected ${dataWords}, got nothing`]),
    ...(out ? [] : [`--out: expected ${outWords}, got nothing`]),
  ];
  throw new UsageError(problems, recipe ? "ordo train --help" : "ordo train --list");
}

function listing(): CommandResult {
  const rows = recipes.map(({ name, summary, kind, plan }) => ({
    name,
    kind,
    summary,
    steps: plan.steps,
    batchSize: plan.batchSize,
  }));
  const cells = rows.map(({ name, steps, batchSize, summary }) => [
    name,
    `${steps} × ${batchSize}`,
    summary,
  ]);
  return { data: { recipes: rows }, text: table(["recipe", "steps × batch", "trains"], cells) };
}

function outcome(recipe: TrainingRecipe, asked: Asked, result: TrainResult): CommandResult {
  const { step, finished, numbers, pictures, parameters, skipped } = result;
  const words = finished
    ? finishedWords(recipe, asked, result)
    : stoppedWords(recipe, asked, result);
  const { next, model } = words;
  return {
    data: {
      recipe: recipe.name,
      kind: recipe.kind,
      finished,
      step,
      steps: asked.steps ?? recipe.plan.steps,
      pictures,
      parameters,
      numbers,
      skipped,
      folder: asked.out,
      ...(model && { model }),
      ...(finished ? { next } : { resume: resumeCommand(asked) }),
    },
    text: words.text,
  };
}
