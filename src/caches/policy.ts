/**
 * Cache policies: which earlier steps' keys and values a step can still attend to.
 *
 * A step always sees its own keys and values besides. Training hides what the cache drops, so a
 * policy has to keep what the order shows: block-causal needs `keepAll`, block-diagonal `keepNone`.
 */
import { ConfigError } from "../errors.ts";

/** A rule over steps, as data. */
export type CachePolicy =
  | { readonly name: "keep-all" }
  | { readonly name: "keep-none" }
  | { readonly name: "keep-last"; readonly count: number };

/** Every earlier step stays (VAR). */
export function keepAll(): CachePolicy {
  return { name: "keep-all" };
}

/** No cache: a step sees nothing but itself (HMAR). */
export function keepNone(): CachePolicy {
  return { name: "keep-none" };
}

/**
 * Only the last `count` steps stay.
 *
 * @throws ConfigError unless `count` is a whole number, 0 or more.
 */
export function keepLast(count: number): CachePolicy {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ConfigError({
      where: "keepLast",
      expected: "a whole number of steps, 0 or more",
      got: String(count),
    });
  }
  return { name: "keep-last", count };
}

/** The earlier steps whose keys and values are visible at step `index` (from 0), ascending. */
export function kept(policy: CachePolicy, index: number): number[] {
  const first = index - Math.min(index, keptCount(policy));
  return Array.from({ length: index - first }, (_, i) => first + i);
}

/** How many steps back a policy reaches. */
function keptCount(policy: CachePolicy): number {
  switch (policy.name) {
    case "keep-all":
      return Infinity;
    case "keep-none":
      return 0;
    case "keep-last":
      return policy.count;
  }
}
