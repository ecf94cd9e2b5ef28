/**
 * Renaming the tensors of official checkpoints. A map is a table of pattern pairs: `{i}` and `{j}`
 * stand for a number, `{p}` for `weight` or `bias`, the same on both sides.
 */

import { CheckpointError } from "../errors.ts";
import type { TensorMap } from "./tensor-data.ts";

export type NameRow = readonly [official: string, ours: string];

/** `rows` inside a module that is called `official` there and `ours` here. */
export function inside(official: string, ours: string, rows: readonly NameRow[]): NameRow[] {
  return rows.map(([theirs, our]) => [`${official}.${theirs}`, `${ours}.${our}`]);
}

/** The residual block of the convolutional tokenizers, which all official code names alike. */
export const RESIDUAL_BLOCK: readonly NameRow[] = [
  ["norm1.{p}", "norm1.{p}"],
  ["conv1.{p}", "conv1.{p}"],
  ["norm2.{p}", "norm2.{p}"],
  ["conv2.{p}", "conv2.{p}"],
  ["nin_shortcut.{p}", "shortcut.{p}"],
];

export interface NameMap {
  /** Our parameter path for an official key, or null if the table does not know it. */
  fromOfficial(key: string): string | null;
  toOfficial(path: string): string | null;
  /** Whether an official key is a buffer, which the constructor makes and no file needs. */
  isBuffer(key: string): boolean;
  /**
   * Renames all tensors of an official file and drops its buffers.
   *
   * @throws CheckpointError listing all keys that the table does not know.
   */
  rename(official: TensorMap, options: { readonly where: string }): TensorMap;
}

/** A map from rows and the patterns of official buffers. No two rows may match the same name. */
export function nameMap(rows: readonly NameRow[], buffers: readonly string[]): NameMap {
  const forward = rows.map(([official, ours]) => renamer(official, ours));
  const backward = rows.map(([official, ours]) => renamer(ours, official));
  const buffer = buffers.map((pattern) => renamer(pattern, ""));
  const fromOfficial = (key: string) => firstMatch(forward, key);
  const isBuffer = (key: string) => firstMatch(buffer, key) !== null;
  return {
    fromOfficial,
    toOfficial: (path) => firstMatch(backward, path),
    isBuffer,
    rename: (official, { where }) => {
      const named = [...official]
        .filter(([key]) => !isBuffer(key))
        .map(([key, tensor]) => ({ key, path: fromOfficial(key), tensor }));
      const unknown = named.filter(({ path }) => path === null).map(({ key }) => key);
      if (unknown.length > 0) {
        throw new CheckpointError({
          where,
          expected: "the names of the official checkpoint",
          got: unknown.join(", "),
          hint: "The file is of another system or release",
        });
      }
      return new Map(named.map(({ path, tensor }) => [path!, tensor]));
    },
  };
}

type Renamer = (name: string) => string | null;

function firstMatch(renamers: readonly Renamer[], name: string): string | null {
  for (const rename of renamers) {
    const renamed = rename(name);
    if (renamed !== null) return renamed;
  }
  return null;
}

const GROUPS: Readonly<Record<string, string>> = {
  "{i}": "(?<i>0|[1-9]\\d*)",
  "{j}": "(?<j>0|[1-9]\\d*)",
  "{p}": "(?<p>weight|bias)",
};

function renamer(from: string, to: string): Renamer {
  const pattern = from
    .split(/(\{[ijp]\})/)
    .map((part) => GROUPS[part] ?? part.replaceAll(".", "\\."))
    .join("");
  const regex = new RegExp(`^${pattern}$`);
  return (name) => {
    const match = regex.exec(name);
    return match && to.replace(/\{([ijp])\}/g, (_, group: string) => match.groups?.[group] ?? "");
  };
}
