/** Whether the pictures say what they show, in the way that a recipe needs. */
import type { Dataset } from "../data/dataset.ts";
import { DataError } from "../errors.ts";
import type { SystemRecipe } from "./recipe.ts";
import { textOf } from "./request-words.ts";

/**
 * Notes what is unusual about the texts.
 *
 * @throws DataError if no picture has a text, or one has no class where classes are asked for.
 */
export function requireRequests(
  { conditioning }: SystemRecipe,
  dataset: Dataset,
  onNote: (line: string) => void = () => {},
): void {
  if (conditioning.kind === "words") requireTexts(dataset, onNote);
  else requireClasses(dataset);
}

function requireTexts({ name, examples }: Dataset, onNote: (line: string) => void): void {
  const texts = examples.map(textOf).filter((text) => text.trim());
  const without = examples.length - texts.length;
  if (texts.length === 0) {
    throw new DataError({
      where: name,
      expected: "pictures with texts",
      got: `${examples.length} without any`,
      hint: 'Add "text" to the lines of metadata.jsonl, use class folders, or name files by what they show.',
    });
  }
  if (without > 0) onNote(`${without} of ${examples.length} pictures have no text`);
  if (examples.length > 1 && new Set(texts).size === 1) {
    onNote(`all pictures are called ${JSON.stringify(texts[0])}: words will make no difference`);
  }
}

/** @throws DataError naming a picture without a class. */
export function requireClasses({ name, examples }: Pick<Dataset, "name" | "examples">): void {
  const without = examples.filter(({ label }) => label === undefined);
  if (without.length === 0) return;
  throw new DataError({
    where: name,
    expected: "a class for every picture",
    got: `${without.length} of ${examples.length} without one (${without[0]!.file})`,
    hint: 'Put the pictures into one folder per class, or add "label" to the lines of metadata.jsonl.',
  });
}
