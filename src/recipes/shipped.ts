/** The recipes that come with Ordo. */
import { cifarClassifier } from "./cifar-classifier.ts";
import { emojiLlamaGen } from "./emoji-llamagen.ts";
import { emojiLlamaGenTokenizer } from "./emoji-llamagen-tokenizer.ts";
import { emojiMar } from "./emoji-mar.ts";
import { emojiMarTokenizer } from "./emoji-mar-tokenizer.ts";
import { emojiScenes } from "./emoji-scenes.ts";
import { emojiTokenizer } from "./emoji-tokenizer.ts";
import { emojiVar } from "./emoji-var.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { scenesVar } from "./scenes-var.ts";
import { smallLlamaGen } from "./small-llamagen.ts";
import { smallLlamaGenTokenizer } from "./small-llamagen-tokenizer.ts";
import { smallMar } from "./small-mar.ts";
import { smallMarTokenizer } from "./small-mar-tokenizer.ts";
import { smallTokenizer } from "./small-tokenizer.ts";
import { smallVar } from "./small-var.ts";

export const recipes: readonly TrainingRecipe[] = [
  cifarClassifier,
  emojiScenes,
  emojiTokenizer,
  emojiVar,
  emojiLlamaGenTokenizer,
  emojiLlamaGen,
  emojiMarTokenizer,
  emojiMar,
  smallTokenizer,
  smallVar,
  smallLlamaGenTokenizer,
  smallLlamaGen,
  smallMarTokenizer,
  smallMar,
  scenesVar,
];
