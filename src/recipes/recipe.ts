/** What a training recipe says. Recipes are data: everything that shapes the result is in them. */
import type { AugmentOptions } from "../data/augment.ts";
import type { ExampleRule } from "../data/filter.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import type { TrainingPlan } from "../training/plan.ts";
import type { ReconstructionWeights } from "../training/reconstruction.ts";

export interface RecipeData {
  /** Pixels per side. */
  readonly size: number;
  /** Examples that are left out. */
  readonly exclude: readonly ExampleRule[];
  readonly augment: AugmentOptions;
}

export interface TokenizerRecipe {
  readonly kind: "tokenizer";
  readonly name: string;
  readonly data: RecipeData;
  readonly tokenizer: ScaleTokenizerOptions;
  readonly losses: ReconstructionWeights & { readonly commitment: number };
  readonly revival: { readonly every: number; readonly until: number; readonly threshold: number };
  readonly plan: TrainingPlan;
}
