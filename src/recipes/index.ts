/** Training recipes: those that come with Ordo, and running them. */
export { loadRecipe } from "./load-recipe.ts";
export type { SystemRecipe, TokenizerRecipe, TrainingRecipe } from "./recipe.ts";
export type { TrainingFacts, TrainOptions } from "./run.ts";
export { recipes } from "./shipped.ts";
export { type TrainResult, train } from "./train.ts";
