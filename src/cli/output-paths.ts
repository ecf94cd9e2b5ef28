/** Where pictures are written: what `-o` means. */
import { extname, join } from "node:path";
import { ConfigError } from "../errors.ts";

/** What is known of one picture when its name is made. */
export interface PictureFacts {
  readonly prompt: string;
  readonly seed: number;
  readonly model: string;
}

export interface OutputOptions {
  /** As given: a folder, a file or a pattern; the current folder if absent. */
  readonly output?: string | undefined;
  readonly pictures: readonly PictureFacts[];
  /** Endings that can be written, the preferred one first: `["png", "webp"]`. */
  readonly formats: readonly string[];
  /** Existing files are overwritten instead of a number being added. */
  readonly force?: boolean;
  readonly exists: (path: string) => boolean;
  readonly isFolder: (path: string) => boolean;
}

const placeholders = ["prompt", "seed", "index", "model"] as const;

/**
 * One path per picture, no two the same.
 *
 * A path that ends in a separator, is a folder or has no ending is a folder; with several pictures
 * a file's name gets the index of each picture. `{index}` counts from 0, as seeds do.
 *
 * @throws ConfigError for an unknown placeholder or a file ending that cannot be written.
 */
export function outputPaths(options: OutputOptions): string[] {
  const pattern = outputPattern(options);
  const taken = new Set<string>();
  return options.pictures.map((picture, index) => {
    const path = fill(pattern, { ...picture, index });
    const free = firstFree(path, (candidate) => {
      return taken.has(candidate) || (options.force !== true && options.exists(candidate));
    });
    taken.add(free);
    return free;
  });
}

/** The words of a prompt as a file name: "A red apple!" becomes "a-red-apple". */
export function slug(text: string): string {
  const words = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    // file systems end a name at 255 bytes; a letter has up to 4
    .slice(0, 56)
    .replace(/^-+|-+$/g, "");
  return words || "picture";
}

function outputPattern({ output, pictures, formats, isFolder }: OutputOptions): string {
  const [preferred = "png"] = formats;
  const name = `{prompt}-{seed}.${preferred}`;
  if (output === undefined) return name;
  if (output === "-") throw refused("a folder, a file or a pattern", output);
  if (/[\\/]$/.test(output) || isFolder(output)) return join(output, name);
  for (const [whole, word = ""] of output.matchAll(/\{([^{}]*)\}/g)) {
    if (!placeholders.some((known) => known === word)) {
      throw refused(`only ${placeholders.map((known) => `{${known}}`).join(" ")} in braces`, whole);
    }
  }
  const ending = extname(output).slice(1).toLowerCase();
  const isPattern = output.includes("{");
  if (ending === "" || (isPattern && ending.includes("}"))) {
    return isPattern ? `${output}.${preferred}` : join(output, name);
  }
  if (!formats.includes(ending)) {
    const hint = "End it with / if it is a folder.";
    throw refused(
      `a file ending in ${formats.map((format) => `.${format}`).join(", ")}`,
      output,
      hint,
    );
  }
  if (isPattern || pictures.length === 1) return output;
  return `${withoutEnding(output)}-{index}${extname(output)}`;
}

function fill(
  pattern: string,
  { prompt, seed, index, model }: PictureFacts & { readonly index: number },
): string {
  const words: Readonly<Record<string, string>> = {
    prompt: slug(prompt),
    seed: String(seed),
    index: String(index),
    model: slug(model),
  };
  return pattern.replace(/\{(\w+)\}/g, (_whole, word: string) => words[word] ?? "");
}

function firstFree(path: string, isTaken: (path: string) => boolean): string {
  if (!isTaken(path)) return path;
  for (let number = 2; ; number++) {
    const candidate = `${withoutEnding(path)}-${number}${extname(path)}`;
    if (!isTaken(candidate)) return candidate;
  }
}

function withoutEnding(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

function refused(expected: string, got: string, hint?: string): ConfigError {
  return new ConfigError({ where: "--output", expected, got, ...(hint ? { hint } : {}) });
}
