/** What a picture is called while training: its text, a part of it, or one of its keywords. */
import type { Example } from "../data/example.ts";
import { wordsOf } from "../data/listing.ts";
import type { Random } from "../random/random.ts";
import type { WordsRecipe } from "./recipe.ts";

/** The text of a picture, else its class in words, else nothing. */
export function textOf({ text, label }: Example): string {
  return text ?? wordsOf(label ?? "");
}

/** All texts from which a vocabulary is learned. */
export function textsOf(examples: readonly Example[], { keywordField }: WordsRecipe): string[] {
  return examples.flatMap((example) => [textOf(example), ...keywordsOf(example, keywordField)]);
}

export function requestWords(example: Example, recipe: WordsRecipe, random: Random): string {
  const text = textOf(example);
  const u = random.uniform();
  const keywords = keywordsOf(example, recipe.keywordField);
  if (u < recipe.keywordShare && keywords.length > 0) {
    return keywords[random.integer(keywords.length)]!;
  }
  if (u < recipe.keywordShare + recipe.partShare) {
    const words = text.split(/\s+/);
    const part = words.filter(() => random.uniform() < 0.6);
    return part.length > 0 ? part.join(" ") : text;
  }
  return text;
}

function keywordsOf({ fields }: Example, field: string | undefined): string[] {
  const value = field === undefined ? undefined : fields[field];
  return Array.isArray(value) ? value.map(String) : [];
}
