/** How a picture was made, in full: with the model at hand, enough to make it again. */

import { z } from "zod";

/** What was done to a picture after it was made; the oldest comes first. */
export interface RecipeEvent {
  /** `convert`, `resize`, `upscale`, `edit`, … */
  readonly action: string;
  /** Settings of the action: names and numbers, never paths. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Recipe {
  readonly schemaVersion: 1;
  /** Name in the catalogue: `var`. */
  readonly system: string;
  /** Name of the model, never its path. */
  readonly model: string;
  /** Hash of its weight file, such as `sha256:…`. */
  readonly weightHash?: string;
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly classLabel?: string;
  /** Seed of the run; picture `index` of it equals the single picture of `seed` + `index`. */
  readonly seed: number;
  readonly index: number;
  /** Guidance scale, 1 = off; a list has one per prediction step. */
  readonly guidance?: number | readonly number[];
  /** 0 = off. */
  readonly topK?: number;
  /** 1 = off. */
  readonly topP?: number;
  readonly temperature?: number;
  /** Further sampling settings by name. */
  readonly sampling?: Readonly<Record<string, unknown>>;
  /** One item per prediction step: side of the token map, tokens, or a name. */
  readonly steps: readonly (number | string)[];
  readonly size: { readonly width: number; readonly height: number };
  readonly ordoVersion: string;
  /** Device class and number format: `cpu`, `webgpu fp16`. */
  readonly device: string;
  /** True if a real picture was changed rather than a new one made. */
  readonly edited?: boolean;
  readonly history?: readonly RecipeEvent[];
}

const natural = z.number().int().nonnegative();

/** Checks recipes that come from files; fields it does not know are kept. */
const recipeSchema: z.ZodType<Recipe> = z.looseObject({
  schemaVersion: z.literal(1),
  system: z.string(),
  model: z.string(),
  weightHash: z.string().exactOptional(),
  prompt: z.string().exactOptional(),
  negativePrompt: z.string().exactOptional(),
  classLabel: z.string().exactOptional(),
  seed: z.number().int(),
  index: natural,
  guidance: z.union([z.number(), z.array(z.number())]).exactOptional(),
  topK: natural.exactOptional(),
  topP: z.number().exactOptional(),
  temperature: z.number().exactOptional(),
  sampling: z.record(z.string(), z.unknown()).exactOptional(),
  steps: z.array(z.union([z.number(), z.string()])),
  size: z.object({ width: natural, height: natural }),
  ordoVersion: z.string(),
  device: z.string(),
  edited: z.boolean().exactOptional(),
  history: z
    .array(
      z.object({
        action: z.string(),
        settings: z.record(z.string(), z.unknown()).exactOptional(),
      }),
    )
    .exactOptional(),
});

/** The recipe as JSON; a model given by its path is reduced to its name. */
export function recipeJson(recipe: Recipe): string {
  return JSON.stringify({ ...recipe, model: nameOnly(recipe.model) });
}

/** The recipe in a JSON text, or null if it is none that this version understands. */
export function parseRecipeJson(json: string): Recipe | null {
  try {
    return recipeSchema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** The recipe with one more thing done to its picture. */
export function withEvent(recipe: Recipe, event: RecipeEvent): Recipe {
  return { ...recipe, history: [...(recipe.history ?? []), event] };
}

/** `/home/me/models/emoji-var/` is `emoji-var`; `hf:owner/name` stays. */
export function nameOnly(model: string): string {
  const isPath = /^(\.{0,2}[/\\]|~|[A-Za-z]:[/\\])/.test(model);
  return isPath ? (model.split(/[/\\]/).filter(Boolean).at(-1) ?? model) : model;
}
