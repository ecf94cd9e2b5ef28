/** Where results may be written that are stored in the place of earlier values. */
import { ConfigError } from "../errors.ts";
import { equalShapes } from "../graph/dim.ts";
import { unsafeInPlace } from "../graph/in-place.ts";
import type { Tensor } from "../graph/node.ts";

export interface StoredResults {
  /** Of the function. */
  readonly name: string;
  readonly results: ReadonlyMap<string, Tensor>;
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Result name → state name. */
  readonly stores: ReadonlyMap<string, string>;
}

/**
 * The inputs, by name, over which their stored results may be written.
 *
 * @throws ConfigError if one cannot be.
 */
export function inPlaceStores(stored: StoredResults): ReadonlySet<string> {
  const { name, inputs, stores } = stored;
  const pairs = new Map<string, readonly [Tensor, Tensor]>();
  for (const [result, place] of stores) {
    const input = inputs.get(place);
    const output = stored.results.get(result);
    if (!output) throw unknownResult(stored, result);
    // a value that changes its size gets new memory anyway
    if (input && input.dtype === output.dtype && equalShapes(input.shape, output.shape)) {
      pairs.set(place, [input, output]);
    }
  }
  requireSafe(name, pairs, stored.results);
  return new Set(pairs.keys());
}

/**
 * Checks that each result of a chain is made after everything has read the value before it in the
 * chain, and comes after that value's own result.
 *
 * @throws ConfigError otherwise.
 */
export function requireChains(
  { name, results, inputs, stores }: StoredResults,
  chains: readonly (readonly string[])[],
): void {
  const resultOf = new Map([...stores].map(([result, place]) => [place, result]));
  const order = [...results.keys()];
  const pairs = new Map<string, readonly [Tensor, Tensor]>();
  for (const chain of chains) {
    const made = chain.map((place) => order.indexOf(resultOf.get(place) ?? ""));
    if (made.some((at, i) => at <= (made[i - 1] ?? -1))) {
      const got = chain.map((place) => resultOf.get(place) ?? `nothing for ${place}`).join(", ");
      throw new ConfigError({
        where: name,
        expected: "stored results in the order of a chain",
        got,
      });
    }
    for (const [i, place] of chain.slice(0, -1).entries()) {
      const input = inputs.get(place);
      const next = results.get(order[made[i + 1]!]!)!;
      if (input) pairs.set(`${place} under ${chain[i + 1]}`, [input, next]);
    }
  }
  requireSafe(name, pairs, results);
}

function requireSafe(
  where: string,
  pairs: ReadonlyMap<string, readonly [Tensor, Tensor]>,
  results: ReadonlyMap<string, Tensor>,
): void {
  const unsafe = unsafeInPlace(pairs, [...results.values()]);
  if (unsafe.length === 0) return;
  throw new ConfigError({
    where,
    expected: "results that are written after the last reader of what they replace",
    got: `unsafe in place: ${unsafe.join(", ")}`,
  });
}

function unknownResult({ name, results }: StoredResults, result: string): ConfigError {
  return new ConfigError({
    where: name,
    expected: `one of the results ${[...results.keys()].join(", ")}`,
    got: result,
  });
}
