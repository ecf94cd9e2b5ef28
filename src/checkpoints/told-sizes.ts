/** What keys and shapes of an official checkpoint tell of a model's sizes. */

import { CheckpointError } from "../errors.ts";
import type { TensorEntry } from "./tensor-file.ts";

/** More would halve any picture to nothing. */
const MOST_LEVELS = 16;

/** How many modules of a numbered list there are: one more than the largest number. */
export function counted(entries: readonly TensorEntry[], pattern: RegExp): number {
  const numbers = entries.flatMap(({ name }) => Number(pattern.exec(name)?.[1] ?? -1));
  return 1 + numbers.reduce((most, number) => Math.max(most, number), -1);
}

/**
 * Shapes of the tensors that are there with the rank they must have.
 *
 * @param model what the sizes are of, for the error: `a VAR`.
 * @throws CheckpointError listing those that are not.
 */
export function shapesOf(
  { path, entries }: { readonly path: string; readonly entries: readonly TensorEntry[] },
  model: string,
  ranks: Readonly<Record<string, number>>,
): (name: string) => readonly number[] {
  const byName = new Map(entries.map(({ name, shape }) => [name, shape]));
  const wrong = Object.entries(ranks).filter(([name, rank]) => byName.get(name)?.length !== rank);
  if (wrong.length > 0) {
    const got = wrong.map(([name]) => {
      const shape = byName.get(name);
      return shape ? `${name} [${shape.join(", ")}]` : `no ${name}`;
    });
    const expected = `the tensors that tell ${model}'s sizes`;
    throw new CheckpointError({ where: path, expected, got: got.join("; ") });
  }
  return (name) => byName.get(name)!;
}

/**
 * Channels of an encoder's levels over those of its first convolution.
 *
 * @param firstOf the name of the first convolution's weight in a level.
 * @throws CheckpointError if there are none, or they are no multiples.
 */
export function levelFactors(
  { path, entries }: { readonly path: string; readonly entries: readonly TensorEntry[] },
  channels: number,
  levels: number,
  firstOf: (level: number) => string,
): number[] {
  // a name may hold any number
  const outputs = Array.from({ length: Math.min(levels, MOST_LEVELS) }, (_, level) => {
    const name = firstOf(level);
    return entries.find((entry) => entry.name === name)?.shape[0] ?? 0;
  });
  const factors = outputs.map((own) => own / channels);
  if (
    levels > 0 &&
    levels <= MOST_LEVELS &&
    factors.every((factor) => Number.isInteger(factor) && factor > 0)
  ) {
    return factors;
  }
  const expected = `levels whose channels are multiples of ${channels}`;
  throw new CheckpointError({ where: path, expected, got: outputs.join(", ") || "no levels" });
}
