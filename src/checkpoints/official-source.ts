/** Official checkpoints under our names, without loading them. */

import { CheckpointError } from "../errors.ts";
import { type ExpectedParameter, parameterProblems } from "./match-parameters.ts";
import type { NameMap } from "./name-map.ts";
import type { TensorFile, TensorSource } from "./tensor-file.ts";

/** One file of an official model, and what of the model it has to hold. */
export interface OfficialPart {
  readonly file: TensorSource & Pick<TensorFile, "path">;
  /** What the table of names puts in front of this file's keys: `var.`. */
  readonly prefix: string;
  /** Under our names. */
  readonly expected: readonly ExpectedParameter[];
}

/**
 * The parameters of several files under our names; buffers are left out.
 *
 * @throws CheckpointError listing every missing, wrong and surplus key of all files by the names
 * that the files use.
 */
export function officialSources(
  parts: readonly OfficialPart[],
  names: NameMap,
): readonly TensorSource[] {
  const problems = parts.flatMap((part) => {
    const found = problemsOf(part, names);
    return found.length > 0 ? [{ path: part.file.path, text: found.join("; ") }] : [];
  });
  const [first, ...others] = problems;
  if (first) {
    const more = others.map(({ path, text }) => `; ${path}: ${text}`).join("");
    throw new CheckpointError({
      where: first.path,
      expected: "the keys of the official checkpoint",
      got: `${first.text}${more}`,
      hint: "The file is of another system, release or size",
    });
  }
  return parts.map((part) => sourceOf(part, names));
}

function problemsOf({ file, prefix, expected }: OfficialPart, names: NameMap): string[] {
  const official = expected.map(({ name, shape }) => {
    const key = names.toOfficial(name);
    // a parameter that the table does not know cannot be in any official file
    return { name: key?.startsWith(prefix) ? key.slice(prefix.length) : name, shape };
  });
  const entries = file.entries.filter(({ name }) => !names.isBuffer(prefix + name));
  return parameterProblems(official, entries);
}

function sourceOf({ file, prefix }: OfficialPart, names: NameMap): TensorSource {
  const keys = new Map<string, string>();
  const entries = file.entries.flatMap(({ name: key, ...entry }) => {
    const name = names.isBuffer(prefix + key) ? null : names.fromOfficial(prefix + key);
    if (name === null) return [];
    keys.set(name, key);
    return [{ ...entry, name }];
  });
  return { entries, read: (name) => file.read(keys.get(name) ?? name) };
}
