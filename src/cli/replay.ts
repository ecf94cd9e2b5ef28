/** What a picture's recipe says about making it again. */
import type { Recipe } from "../images/recipe.ts";
import { narrowWord, type Precision } from "../runtime/precision.ts";
import { type WeightFormat, weightFormats } from "../systems/weight-format.ts";
import type { Asked } from "./requests.ts";
import type { SamplingFlags } from "./sampling-settings.ts";
import { UsageError } from "./usage-error.ts";

/** The settings of a recipe under the names of the command line. */
export interface Replay extends SamplingFlags {
  readonly model: string;
  readonly weightHash: string | undefined;
  readonly asked: Asked | undefined;
  readonly seed: number;
  readonly weights: WeightFormat;
  readonly precision: Precision;
}

/** @throws UsageError if the file carries no recipe that `generate` could follow. */
export async function readReplay(path: string): Promise<Replay> {
  const { readRecipeFile } = await import("../images/read-recipe.ts");
  const found = await readRecipeFile(path);
  const refuse = (got: string, hint: string): never => {
    throw new UsageError([`--from: expected a picture with a recipe by Ordo, got ${got}`], hint);
  };
  if (!found?.recipe) {
    const writer = found && found.writer !== "unknown" ? `one by ${found.writer}` : "none";
    return refuse(`${writer} in ${path}`, `ordo info ${path}`);
  }
  const { recipe } = found;
  if (recipe.edited) return refuse(`an edited one in ${path}`, "ordo edit --help");
  return replayOf(recipe);
}

function replayOf(recipe: Recipe): Replay {
  const { prompt, classLabel, guidance, topK, topP, temperature, sampling } = recipe;
  return {
    model: recipe.model,
    weightHash: recipe.weightHash,
    asked:
      prompt !== undefined
        ? { kind: "prompt", text: prompt }
        : classLabel !== undefined
          ? { kind: "class", text: classLabel }
          : undefined,
    seed: recipe.seed + recipe.index,
    guidance: typeof guidance === "number" ? guidance : undefined,
    topK,
    topP,
    temperature,
    smooth: sampling?.smooth === true,
    weights: weightsOf(recipe),
    precision: recipe.device.split(" ").includes(narrowWord) ? "fp16" : "fp32",
  };
}

/** The number format stands after the device: `cpu int8`. */
function weightsOf({ device }: Recipe): WeightFormat {
  const words = device.split(" ");
  return weightFormats.find((format) => words.includes(format)) ?? "fp32";
}
