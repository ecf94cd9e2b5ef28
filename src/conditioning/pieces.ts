/** Sub-words: learning them from known words, and spelling unknown words with them. */

/** Longer pieces are whole words more often than parts of new ones. */
const LONGEST_PIECE = 5;

/**
 * Characters, then byte-pair merges of them (Sennrich et al. 2016), at most `limit` in all.
 *
 * Every different word counts once: a piece is worth having if it occurs in several words, however
 * rare they are. Ties go to the alphabetically first, so that equal words give equal pieces.
 */
export function learnPieces(words: Iterable<string>, limit: number): string[] {
  const spelled = [...new Set(words)].sort().map((word) => [...word]);
  const pieces = new Set(byCount(countOf(spelled.flat())).slice(0, limit));
  const pairs = new PairCounts(spelled);
  while (pieces.size < limit) {
    const pair = pairs.commonest();
    if (!pair) break;
    pieces.add(pair.join(""));
    pairs.merge(pair);
  }
  return [...pieces];
}

/**
 * Cuts `word` into the fewest pieces that `has` knows, or null if that cannot be.
 *
 * @param skip leave out characters that are no piece instead of giving up.
 */
export function spell(
  word: string,
  has: (piece: string) => boolean,
  { longest, skip = false }: { readonly longest: number; readonly skip?: boolean },
): string[] | null {
  const characters = [...word];
  // best[end]: the cheapest way to cut what lies before `end`, and its last piece
  const best: { cost: number; piece: string | null; start: number }[] = [
    { cost: 0, piece: null, start: 0 },
  ];
  for (let end = 1; end <= characters.length; end++) {
    const left = best[end - 1]!.cost + (skip ? SKIPPED : Number.POSITIVE_INFINITY);
    let cut = { cost: left, piece: null as string | null, start: end - 1 };
    for (let start = Math.max(0, end - longest); start < end; start++) {
      const cost = best[start]!.cost + 1;
      if (cost >= cut.cost) continue;
      const piece = characters.slice(start, end).join("");
      if (has(piece)) cut = { cost, piece, start };
    }
    best.push(cut);
  }
  if (best.at(-1)!.cost === Number.POSITIVE_INFINITY) return null;
  const cuts: string[] = [];
  for (let end = characters.length; end > 0; end = best[end]!.start) {
    const { piece } = best[end]!;
    if (piece !== null) cuts.unshift(piece);
  }
  return cuts;
}

/** More than any number of pieces that would cover the same characters. */
const SKIPPED = 1000;

/** Names of `counts`, most frequent first, then alphabetical. */
export function byCount(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
}

export function countOf(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const BETWEEN = "\u0000";

/** How often each pair of neighbours occurs, kept up to date word by word as pairs are merged. */
class PairCounts {
  readonly #words: string[][];
  readonly #counts = new Map<string, number>();
  readonly #holders = new Map<string, Set<number>>();

  constructor(words: readonly (readonly string[])[]) {
    this.#words = words.map((parts) => [...parts]);
    for (const index of this.#words.keys()) this.#count(index, 1);
  }

  /** The pair found most often, at least twice, whose union is short enough. */
  commonest(): [string, string] | null {
    let best: string | null = null;
    let most = 1;
    for (const [pair, count] of this.#counts) {
      const better = count > most || (count === most && best !== null && pair < best);
      if (better && [...pair].length - 1 <= LONGEST_PIECE) [best, most] = [pair, count];
    }
    return best === null ? null : (best.split(BETWEEN) as [string, string]);
  }

  merge([first, second]: readonly [string, string]): void {
    for (const index of [...(this.#holders.get(first + BETWEEN + second) ?? [])]) {
      this.#count(index, -1);
      const merged: string[] = [];
      for (const part of this.#words[index]!) {
        if (part === second && merged.at(-1) === first) merged[merged.length - 1] = first + second;
        else merged.push(part);
      }
      this.#words[index] = merged;
      this.#count(index, 1);
    }
  }

  #count(index: number, by: 1 | -1): void {
    const parts = this.#words[index]!;
    for (let i = 1; i < parts.length; i++) {
      const pair = parts[i - 1]! + BETWEEN + parts[i]!;
      const count = (this.#counts.get(pair) ?? 0) + by;
      const holders = this.#holders.get(pair) ?? new Set();
      if (count > 0) this.#counts.set(pair, count);
      else this.#counts.delete(pair);
      if (by > 0) holders.add(index);
      else holders.delete(index);
      this.#holders.set(pair, holders);
    }
  }
}
