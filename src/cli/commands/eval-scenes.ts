import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openFilePictures } from "../../eval/file-pictures.ts";
import { shownAt } from "../../eval/gallery.ts";
import { openPictureSet } from "../../eval/open-pictures.ts";
import { chosenIndices, chosenPictures, type PictureSet } from "../../eval/picture-set.ts";
import { type EvalResult, RESULT_FORMAT, type Setting } from "../../eval/result.ts";
import {
  type JudgedScene,
  measureScenes,
  SCENE_DETECTOR,
  type SceneMeasurement,
} from "../../eval/scene-eval.ts";
import { promptTags } from "../../metrics/geneval.ts";
import { sceneObjects, scenePrompts } from "../../procedural/prompted-scenes.ts";
import { hardwareOf } from "../../runtime/hardware.ts";
import { ordoVersion } from "../../version.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { requestOf } from "../requests.ts";
import { withModel } from "../with-model.ts";
import { type Asked, drawAsked, modelChoice } from "./eval-drawing.ts";
import { commandLine, type EvalValues, requireAsked } from "./eval-options.ts";
import { stem } from "./eval-samples.ts";
import { DEFAULT_SEED, finished, withProgress } from "./eval-tools.ts";

/** Pictures of each prompt, as GenEval draws. */
const PICTURES = 4;
/** Pictures of each kind in the report. */
const SHOWN = 24;

/** `ordo eval scenes`: draws the prompts of scenes, or takes pictures of such prompts, and judges them. */
export async function evalScenes(
  context: CommandContext,
  paths: readonly string[],
  values: EvalValues,
): Promise<CommandResult> {
  requireAsked("scenes", paths, values, ["a model, or a folder of pictures with their prompts"]);
  const [path] = paths as [string];
  const folder = values.output ?? join("eval", `scenes-${stem(path)}`);
  const task = { name: stem(path), folder, command: commandLine("scenes", paths, values) };
  if (isPictures(path)) {
    const all = await openPictureSet(path);
    const { count = all.count, seed = DEFAULT_SEED } = values;
    return judge(context, chosenPictures(all, count, seed), values, {
      ...task,
      settings: {},
    }).finally(() => all.close());
  }
  const settings = await drawScenes(context, path, values, join(folder, "samples"));
  const count = scenePrompts().length * (values.count ?? PICTURES);
  const set = await openFilePictures(join(folder, "samples"), { selection: { first: count } });
  return judge(context, set, values, { ...task, settings }).finally(() => set.close());
}

/** What is there and is neither a model nor the run that trained one. */
function isPictures(path: string): boolean {
  const models = [join(path, "config.json"), join(path, "model", "config.json")];
  return existsSync(path) && !models.some((file) => existsSync(file));
}

/** So many pictures of each prompt; those of one prompt follow each other. */
async function drawScenes(
  context: CommandContext,
  name: string,
  values: EvalValues,
  folder: string,
): Promise<Record<string, Setting>> {
  return withModel(modelChoice(name, values), context.terminal, async (model) => {
    const asked = scenePrompts().flatMap(({ prompt }): Asked[] => {
      const request = requestOf(model, { kind: "prompt", text: prompt });
      return Array.from({ length: values.count ?? PICTURES }, () => ({ request, caption: prompt }));
    });
    const hardware = hardwareOf(model.device);
    return {
      ...(await drawAsked(context, model, values, { folder, asked, settings: {} })),
      hardware,
    };
  });
}

interface Judging {
  readonly name: string;
  readonly folder: string;
  readonly command: string;
  /** Those that shaped the pictures. */
  readonly settings: Readonly<Record<string, Setting>>;
}

async function judge(
  context: CommandContext,
  set: PictureSet,
  values: EvalValues,
  { name, folder, command, settings }: Judging,
): Promise<CommandResult> {
  const { seed = DEFAULT_SEED, report, force } = values;
  const measured = await withProgress(
    context,
    { label: "looking for shapes", total: set.count, unit: "pictures" },
    (onProgress) => measureScenes(set, { seed, signal: context.signal, onProgress }),
  );
  const prompts = JSON.stringify(scenePrompts());
  const result: EvalResult = {
    format: RESULT_FORMAT,
    kind: "scenes",
    subject: {
      name,
      count: measured.judged.length,
      decoding: set.decoding,
      fingerprint: measured.fingerprint,
    },
    reference: {
      name: "prompts of scenes",
      count: null,
      decoding: "drawn by rule",
      fingerprint: createHash("sha256").update(prompts).digest("hex"),
    },
    network: {
      name: SCENE_DETECTOR,
      isInception: false,
      width: 0,
      classes: sceneObjects.length,
      preprocessing: "none",
    },
    metrics: measured.metrics,
    warnings: warningsOf(measured),
    settings: { command, ...settings, seed, ordo: await ordoVersion(), node: process.version },
    details: { wrong: measured.judged.filter(({ right }) => !right).map(facts) },
  };
  const page = report ? await pageOf(result, set, measured, seed) : null;
  return finished(context, result, { folder, force, page });
}

function warningsOf({ leftOut }: SceneMeasurement): string[] {
  return leftOut > 0 ? [`${leftOut} pictures have no prompt of scenes, and were left out`] : [];
}

function facts({ index, spec, reasons }: JudgedScene): object {
  return { index, prompt: spec.prompt, reasons };
}

async function pageOf(
  result: EvalResult,
  set: PictureSet,
  { judged }: SceneMeasurement,
  seed: number,
): Promise<string> {
  const chosen = promptTags.flatMap((tag) => {
    const own = judged.filter(({ spec }) => spec.tag === tag);
    const places = chosenIndices(own.length, Math.min(SHOWN, own.length), `${seed}-${tag}`);
    return Array.from(places, (at) => own[at]!);
  });
  const places = chosen.map(({ index }) => index).sort((a, b) => a - b);
  const pictures = await shownAt(set, places);
  const shown = chosen.map((scene) => ({ scene, picture: pictures.get(scene.index)!.picture }));
  const { sceneReport } = await import("../../eval/report/scene-report.ts");
  return sceneReport({ result, shown });
}
