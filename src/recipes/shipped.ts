/** The recipes that come with Ordo. */
import { cifarClassifier } from "./cifar-classifier.ts";
import { emojiScenes } from "./emoji-scenes.ts";
import { emojiTokenizer } from "./emoji-tokenizer.ts";
import { emojiVar } from "./emoji-var.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { smallTokenizer } from "./small-tokenizer.ts";
import { smallVar } from "./small-var.ts";

export const recipes: readonly TrainingRecipe[] = [
  cifarClassifier,
  emojiScenes,
  emojiTokenizer,
  emojiVar,
  smallTokenizer,
  smallVar,
];
