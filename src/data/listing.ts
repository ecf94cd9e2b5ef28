/** What the files of a source mean: which are examples, with which words and labels. */

import type { Example, Listing } from "./example.ts";
import { readMetadata } from "./metadata.ts";
import type { Source, SourceFile } from "./source.ts";

const pictureEndings = /\.(png|jpe?g|webp|gif|avif|tiff?)$/i;
const splitNames = new Set(["train", "training", "test", "val", "valid", "validation", "images"]);

/**
 * Examples of a source: lines of `metadata.jsonl` files where there are any, else class folders,
 * else pictures whose file names are their words.
 */
export async function listExamples(source: Source, files: readonly SourceFile[]): Promise<Listing> {
  const pictures = files.filter(({ path }) => pictureEndings.test(path));
  const metadata = files.filter(({ path }) => /(^|\/)metadata\.jsonl$/.test(path));
  if (metadata.length > 0) return readMetadata(source, metadata, pictures);
  const labels = classLabels(pictures.map(({ path }) => path));
  const examples = pictures.map(({ path }, i): Example => {
    const label = labels?.[i];
    return label !== undefined
      ? { file: path, label, fields: {} }
      : { file: path, text: wordsOfName(path), fields: {} };
  });
  return { examples, skipped: [] };
}

/**
 * The folder of each picture as its label, or null if folders mean nothing here: some picture lies
 * at the top, all lie in one folder, or the folders are only splits such as `train` and `test`.
 */
function classLabels(paths: readonly string[]): string[] | null {
  const folders = paths.map((path) => path.split("/").slice(0, -1));
  if (folders.some((folder) => folder.length === 0)) return null;
  const labels = folders.map((folder) => folder.at(-1)!);
  const distinct = new Set(labels);
  if (distinct.size < 2 || [...distinct].every((label) => splitNames.has(label))) return null;
  return labels;
}

/** A file name as words: `fruit/red_apple-2.png` is "red apple". */
export function wordsOfName(path: string): string {
  const stem = path
    .split("/")
    .at(-1)!
    .replace(/\.[^.]+$/, "");
  const words = wordsOf(stem);
  // a trailing number only tells copies apart, unless nothing else is there
  return words.replace(/(\s+\(?\d+\)?)+$/, "") || words;
}

/** Separators of file and folder names as single spaces, `BigCat` as "Big Cat". */
export function wordsOf(name: string): string {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/[_\-.+\s]+/g, " ")
    .trim();
}
