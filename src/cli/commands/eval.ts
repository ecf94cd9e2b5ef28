import {
  type Command,
  type CommandContext,
  type CommandResult,
  defineCommand,
} from "../command.ts";
import { list, text } from "../schemas.ts";
import { type EvalKind, type EvalValues, evalKinds, evalOptions, kindOf } from "./eval-options.ts";

type Run = (
  context: CommandContext,
  paths: readonly string[],
  values: EvalValues,
) => Promise<CommandResult>;

const runs: Readonly<Record<EvalKind, () => Promise<Run>>> = {
  samples: () => import("./eval-samples.ts").then((module) => module.evalSamples),
  model: () => import("./eval-model.ts").then((module) => module.evalModel),
  tokenizer: () => import("./eval-tokenizer.ts").then((module) => module.evalTokenizer),
  scenes: () => import("./eval-scenes.ts").then((module) => module.evalScenes),
  statistics: () => import("./eval-statistics.ts").then((module) => module.evalStatistics),
  compare: () => import("./eval-compare.ts").then((module) => module.evalCompare),
};

/** Metrics of pictures, models and tokenizers. */
export const evaluate: Command = defineCommand({
  name: "eval",
  summary: "Measures pictures, a model or a tokenizer, and writes a report; compares results.",
  examples: [
    "ordo eval samples out/ --reference pictures.zip",
    "ordo eval model emoji-var --data pictures.zip -n 500 -o reports/emoji-var",
    "ordo eval tokenizer emoji-var --data pictures.zip --json",
    "ordo eval scenes runs/scenes-var/model",
    "ordo eval compare reports/old reports/new",
    "ordo eval statistics reference.zip --features inception.pth -o reference.npz",
    "ordo eval samples samples.npz --reference reference.npz --features inception.pth",
  ],
  arguments: {
    what: {
      summary: "samples, model, tokenizer, scenes, statistics or compare",
      schema: kindOf,
      suggest: () => evalKinds,
    },
    paths: {
      summary: "pictures (a folder, .zip or .npz); a model; or two results to compare",
      schema: list(text("a path"), "paths"),
      many: true,
    },
  },
  options: evalOptions,
  async run(context, { what, paths, ...values }) {
    const run = await runs[what]();
    return run(context, paths, values);
  },
});
