/** Files named after the ones they were made from. */
import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";

export interface NamedOutputs {
  /** As given with `-o`: a folder, or a file if there is one name. */
  readonly output: string;
  /** Without endings. */
  readonly names: readonly string[];
  readonly force: boolean;
}

/**
 * One free path per name, `FOLDER/NAME.png`, no two the same; existing files get a number unless
 * they may be overwritten. Makes the folder.
 *
 * @throws ConfigError if one file is to hold several pictures.
 */
export async function namedOutputs({ output, names, force }: NamedOutputs): Promise<string[]> {
  const single = /\.(png|jpe?g|webp)$/i.test(output) && !isFolder(output);
  if (single && names.length > 1) {
    const got = `${names.length} pictures for ${output}`;
    const hint = "End it with / if it is a folder.";
    throw new ConfigError({ where: "--output", expected: "a folder", got, hint });
  }
  await mkdir(single ? dirname(output) : output, { recursive: true });
  const taken = new Set<string>();
  return names.map((name) => {
    const path = single ? output : join(output, `${name}.png`);
    const free = freePath(path, (one) => taken.has(one) || (!force && existsSync(one)));
    taken.add(free);
    return free;
  });
}

/** The path itself, or the first one with a number that is free: `a.png`, `a-2.png`. */
export function freePath(path: string, isTaken: (path: string) => boolean = existsSync): string {
  const [, stem = path, ending = ""] = /^(.*?)(\.[^.\\/]*)?$/s.exec(path) ?? [];
  let free = path;
  for (let number = 2; isTaken(free); number++) free = `${stem}-${number}${ending}`;
  return free;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
