/** What the cards of the emoji models say. */
import type { RecipeCard } from "./recipe.ts";

/** The card of a model that draws, and how it does. */
export function emojiCardOf(how: string): RecipeCard {
  const summary =
    `Draws emoji-like pictures of 64×64 pixels from words, by ${how}. ` +
    "Trained from scratch by Ordo, in TypeScript.";
  return { ...emojiCard, summary };
}

/** What does not depend on the model. */
export const emojiCard: RecipeCard = {
  license: "apache-2.0",
  dataset: "Noto Emoji (images), Unicode CLDR (names and keywords)",
  attribution:
    "Images: Noto Emoji (googlefonts/noto-emoji), Apache License 2.0; flag images are public domain " +
    "or otherwise exempt. Names and groups: Unicode emoji-test 15.0; keywords: Unicode CLDR 41 " +
    "English annotations (Unicode License).",
  example: "red apple",
  limits: [
    "It knows the names and keywords of emoji, not sentences; unknown words are spelled in pieces.",
    "Most names had one picture to learn from, so seeds vary a drawing less than in large models.",
    "Pictures with several skin tones were left out of the training data.",
  ],
};
