/** Pictures that a model draws to be measured. */
import type { Request } from "../../conditioning/conditioning.ts";
import { drawMissing, drawnSoFar } from "../../eval/drawn-pictures.ts";
import type { Setting } from "../../eval/result.ts";
import type { Model } from "../../systems/model.ts";
import type { CommandContext } from "../command.ts";
import { samplingSettings } from "../sampling-settings.ts";
import type { ModelChoice } from "../with-model.ts";
import type { EvalValues } from "./eval-options.ts";
import { DEFAULT_SEED, withProgress } from "./eval-tools.ts";

/** One picture to draw. */
export interface Asked {
  readonly request: Request;
  /** The same in words. */
  readonly caption: string;
}

export interface DrawingTask {
  readonly folder: string;
  /** What shapes the pictures beside model, seed and sampling. */
  readonly settings: Readonly<Record<string, Setting>>;
  readonly asked: readonly Asked[];
}

/** Draws what is missing in the folder; gives all settings that shaped the pictures. */
export async function drawAsked(
  context: CommandContext,
  model: Model,
  values: EvalValues,
  { folder, settings: own, asked }: DrawingTask,
): Promise<Record<string, Setting>> {
  const { seed = DEFAULT_SEED } = values;
  const sampling = samplingSettings({ ...values, smooth: false });
  const settings = {
    model: model.facts.name,
    weights: await model.facts.weightHash,
    "number format": model.facts.weights,
    seed,
    ...samplingFacts(model, values),
    ...own,
  };
  const captions = asked.map(({ caption }) => caption);
  const draw = (i: number) =>
    model.draw(asked[i]!.request, { ...sampling, seed: seed + i, signal: context.signal });
  const bar = {
    label: "drawing",
    total: asked.length,
    from: drawnSoFar(folder, asked.length),
    unit: "pictures",
  };
  await withProgress(context, bar, (onProgress) =>
    drawMissing({ folder, settings, captions, draw }, { signal: context.signal, onProgress }),
  );
  return settings;
}

/** The model that a command line names. */
export function modelChoice(model: string, { device, weights }: EvalValues): ModelChoice {
  return { model, device, ...(weights && { weights }) };
}

/** Guidance and truncation as they are in effect. */
function samplingFacts({ settings }: Model, values: EvalValues): Record<string, Setting> {
  const { guidance, topK, topP, temperature } = settings;
  return {
    guidance: values.guidance ?? JSON.stringify(guidance),
    "top k": values.topK ?? topK,
    "top p": values.topP ?? topP,
    temperature: values.temperature ?? temperature,
  };
}
