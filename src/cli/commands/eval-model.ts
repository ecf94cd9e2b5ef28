import { join } from "node:path";
import { readModelFolder } from "../../checkpoints/model-folder.ts";
import { resolveModel } from "../../checkpoints/resolve-model.ts";
import type { Request } from "../../conditioning/conditioning.ts";
import { type DatasetSelection, labelNames } from "../../data/dataset.ts";
import type { Example } from "../../data/example.ts";
import { DataError } from "../../errors.ts";
import { openFilePictures } from "../../eval/file-pictures.ts";
import type { PictureSet } from "../../eval/picture-set.ts";
import type { Setting } from "../../eval/result.ts";
import { random } from "../../random/random.ts";
import { textOf } from "../../recipes/request-words.ts";
import { recipes } from "../../recipes/shipped.ts";
import type { Model } from "../../systems/model.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { defaultModel } from "../options.ts";
import { requestOf } from "../requests.ts";
import { withModel } from "../with-model.ts";
import { type Asked, drawAsked, modelChoice } from "./eval-drawing.ts";
import { commandLine, type EvalValues, requireAsked } from "./eval-options.ts";
import { evaluateSets, stem } from "./eval-samples.ts";
import { DEFAULT_SEED, withTools } from "./eval-tools.ts";

const DEFAULT_COUNT = 1000;

/** `ordo eval model`: draws pictures of what the data set shows, then measures them against it. */
export async function evalModel(
  context: CommandContext,
  given: readonly string[],
  values: EvalValues,
): Promise<CommandResult> {
  const paths = given.length > 0 ? given : [defaultModel];
  requireAsked("model", paths, values, ["a model"]);
  const [name] = paths as [string];
  const folder = values.output ?? join("eval", `model-${stem(name)}`);
  const selection = await selectionOf(name);
  // a network that cannot be opened is to be known before hours of drawing
  return withTools(context, values, async (tools) => {
    const { reference, settings } = await withModel(
      modelChoice(name, values),
      context.terminal,
      (model) => draw(context, model, values, { selection, folder: join(folder, "samples") }),
    );
    try {
      const samples = await openFilePictures(join(folder, "samples"), {
        selection: { first: values.count ?? DEFAULT_COUNT },
      });
      return await evaluateSets(context, tools, values, {
        kind: "model",
        name: stem(name),
        folder,
        samples,
        reference: { name: reference.name, pictures: reference, statistics: null },
        settings: { command: commandLine("model", paths, values), ...settings },
      }).finally(() => samples.close());
    } finally {
      await reference.close();
    }
  });
}

/** What the model's own recipe takes of a data set: it cannot draw what it was never shown. */
async function selectionOf(name: string): Promise<DatasetSelection> {
  const { config } = await readModelFolder(await resolveModel(name));
  const recipe = recipes.find((one) => one.name === config.training?.recipe);
  if (!recipe) return {};
  const { folder, exclude } = recipe.data;
  return { exclude, ...(folder !== undefined && { folder }) };
}

interface DrawOptions {
  readonly selection: DatasetSelection;
  readonly folder: string;
}

/** Draws what is missing in the folder; gives the reference, which is the data at the model's size. */
async function draw(
  context: CommandContext,
  model: Model,
  values: EvalValues,
  { selection, folder }: DrawOptions,
): Promise<{ reference: PictureSet; settings: Record<string, Setting> }> {
  const { seed = DEFAULT_SEED, count = DEFAULT_COUNT } = values;
  const reference = await openFilePictures(values.data!, { size: model.size, selection });
  try {
    const settings = await drawAsked(context, model, values, {
      folder,
      asked: chosenExamples(reference, model, count, seed),
      settings: {
        data: reference.name,
        "pictures in the data": reference.count,
        selection: JSON.stringify(selection),
      },
    });
    return { reference, settings };
  } catch (error) {
    await reference.close();
    throw error;
  }
}

/** Every example once, in an order of the seed, before any is taken again. */
function chosenExamples(
  { name, examples }: PictureSet,
  model: Model,
  count: number,
  seed: number,
): Asked[] {
  const words = model.composition.conditioning.accepts.kind === "words";
  const usable = examples!.filter((example) =>
    words ? textOf(example).trim() !== "" : example.label !== undefined,
  );
  if (usable.length === 0) {
    const expected = words ? "pictures with texts" : "pictures with classes";
    throw new DataError({ where: name, expected, got: `${examples!.length} without any` });
  }
  const ask = words ? (example: Example) => textOf(example) : classRequests(model, usable);
  let order: Int32Array = new Int32Array();
  return Array.from({ length: count }, (_, i) => {
    const turn = i % usable.length;
    if (turn === 0) order = random(seed, "asked", i / usable.length).permutation(usable.length);
    const example = usable[order[turn]!]!;
    return { request: ask(example), caption: words ? textOf(example) : example.label! };
  });
}

/** By the model's names of its classes, else by their places in the alphabet. */
function classRequests(model: Model, examples: readonly Example[]): (example: Example) => Request {
  const names = labelNames({ examples });
  const { classNames } = model.facts;
  const text = (label: string) => (classNames ? label : String(names.indexOf(label)));
  const requests = new Map(
    names.map((label) => [label, requestOf(model, { kind: "class", text: text(label) })]),
  );
  return ({ label }) => requests.get(label!)!;
}
