/**
 * A model of prompted scenes: a data set without a download, whose pictures can be judged exactly.
 *
 *   ordo scenes scenes -n 8000
 *   ordo train scenes-var --data scenes --tokenizer emoji-var --out runs/scenes-var
 *   ordo eval scenes runs/scenes-var/model
 */
import type { VarRecipe } from "./recipe.ts";
import { smallVar } from "./small-var.ts";

export const scenesVar: VarRecipe = {
  ...smallVar,
  name: "scenes-var",
  summary: "64×64 scenes of shapes from prompts, trained on `ordo scenes`",
  // a mirror image would make left right
  data: { size: 64, exclude: [], augment: {} },
  // a place is one of many: what is likeliest everywhere is white
  sampling: { guidance: 3, topK: 0, topP: 0.95, temperature: 1 },
  plan: { ...smallVar.plan, steps: 3000 },
};
