/**
 * Free text for small models: a text is the set of its words, each a row of an embedding table whose
 * mean is the condition. Order, case and punctuation do not count; unknown words become sub-words.
 *
 * Axes: B texts · W words per text.
 */

import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { byCount, countOf, learnPieces, spell } from "./pieces.ts";
import { inflections, wordsOf } from "./words-of.ts";

/** Fills rows of a batch; its weight is 0. */
export const PADDING_ID = 0;
/** The null branch: what a text without words means. */
export const NO_TEXT_ID = 1;
const FIRST_ID = 2;
/** Shorter words occur inside others by accident. */
const SHORTEST_IN_COMPOUND = 3;

export interface EncodedText {
  /** Ascending, without repeats, never empty: `[NO_TEXT_ID]` where there is nothing to encode. */
  readonly ids: number[];
  /** Words that were not learned as words, for a warning; in the text's order. */
  readonly unknown: string[];
}

export interface EncodedBatch {
  /** [B, W] table rows, padded with 0 on the right. */
  readonly ids: Int32Array;
  /** [B, W] 1/n for the n ids of a text, 0 for padding: Σ weight · table[id] is their mean. */
  readonly weights: Float32Array;
  readonly unknown: string[];
}

export interface EncodeOptions {
  /**
   * Says of a known word that it shall be spelled in pieces this time. Training does so for a few
   * words (drawn from its seed), because pieces would never be learned otherwise.
   */
  readonly split?: (word: string) => boolean;
}

export interface VocabularyJson {
  readonly version: 1;
  readonly words: readonly string[];
  readonly pieces: readonly string[];
}

export interface Vocabulary {
  /** Rows of the embedding table: padding, no text, words, pieces. */
  readonly size: number;
  /** Most frequent first; word i has id 2 + i. */
  readonly words: readonly string[];
  readonly pieces: readonly string[];
  /** The ids of a text; null is the null branch. */
  encode(text: string | null, options?: EncodeOptions): EncodedText;
  /** Texts as one array; of a text with more than `maxWords` ids, the rarest words stay. */
  encodeBatch(
    texts: readonly (string | null)[],
    maxWords: number,
    options?: EncodeOptions,
  ): EncodedBatch;
  toJSON(): VocabularyJson;
}

export interface VocabularyOptions {
  /** Most rows of the table; it has fewer if the texts have fewer words. */
  readonly size: number;
  /** Rows for sub-words; default a quarter. */
  readonly pieces?: number;
}

/** Learns words and sub-words from training texts; the same texts in any order give the same. */
export function buildVocabulary(
  texts: Iterable<string>,
  { size, pieces = Math.floor(size / 4) }: VocabularyOptions,
): Vocabulary {
  const room = size - FIRST_ID - pieces;
  if (!(Number.isInteger(room) && pieces >= 0 && room > 0)) {
    const got = `size ${size} with ${pieces} pieces`;
    const expected = "a size with room for 2 reserved ids, the pieces and a word";
    throw new ConfigError({ where: "vocabulary", expected, got });
  }
  const words = byCount(countOf([...texts].flatMap(wordsOf)));
  return makeVocabulary(words.slice(0, room), learnPieces(words, pieces));
}

const entries = z
  .array(z.string().min(1))
  .refine((list) => new Set(list).size === list.length, "must not repeat an entry");

/** What `vocabulary.json` must look like. */
export const vocabularySchema: z.ZodType<VocabularyJson> = z.object({
  version: z.literal(1),
  words: entries,
  pieces: entries,
});

/** The vocabulary that was written as JSON, with the same ids. */
export function vocabularyFrom({ words, pieces }: VocabularyJson): Vocabulary {
  return makeVocabulary(words, pieces);
}

function makeVocabulary(words: readonly string[], pieces: readonly string[]): Vocabulary {
  const firstPiece = FIRST_ID + words.length;
  const wordIds = new Map(words.map((word, i) => [word, FIRST_ID + i]));
  const pieceIds = new Map(pieces.map((piece, i) => [piece, firstPiece + i]));
  const longestWord = Math.max(0, ...words.map((word) => [...word].length));
  const longestPiece = Math.max(0, ...pieces.map((piece) => [...piece].length));

  const inPieces = (word: string): number[] => {
    const spelled = spell(word, (piece) => pieceIds.has(piece), {
      longest: longestPiece,
      skip: true,
    });
    return (spelled ?? []).map((piece) => pieceIds.get(piece)!);
  };
  const inWords = (word: string): number[] | null => {
    const part = (piece: string) => piece.length >= SHORTEST_IN_COMPOUND && wordIds.has(piece);
    return spell(word, part, { longest: longestWord })?.map((piece) => wordIds.get(piece)!) ?? null;
  };
  const known = (word: string): number | undefined => {
    const form = [word, ...inflections(word)].find((candidate) => wordIds.has(candidate));
    return form === undefined ? undefined : wordIds.get(form);
  };

  const idsOf = (word: string, id: number | undefined, split: boolean): number[] => {
    const parts =
      id === undefined ? (inWords(word) ?? inPieces(word)) : split ? inPieces(word) : [];
    return parts.length === 0 && id !== undefined ? [id] : parts;
  };

  const encode = (text: string | null, { split }: EncodeOptions = {}): EncodedText => {
    const ids = new Set<number>();
    const unknown: string[] = [];
    for (const word of new Set(wordsOf(text ?? ""))) {
      const id = known(word);
      if (id === undefined) unknown.push(word);
      for (const part of idsOf(word, id, split?.(word) ?? false)) ids.add(part);
    }
    if (ids.size === 0) ids.add(NO_TEXT_ID);
    return { ids: [...ids].sort((a, b) => a - b), unknown };
  };

  const encodeBatch: Vocabulary["encodeBatch"] = (texts, maxWords, options) => {
    const encoded = texts.map((text) => encode(text, options));
    const ids = new Int32Array(texts.length * maxWords);
    const weights = new Float32Array(texts.length * maxWords);
    for (const [row, text] of encoded.entries()) {
      const kept = rarest(text.ids, maxWords, firstPiece);
      ids.set(kept, row * maxWords);
      weights.fill(1 / kept.length, row * maxWords, row * maxWords + kept.length);
    }
    return { ids, weights, unknown: [...new Set(encoded.flatMap(({ unknown }) => unknown))] };
  };

  return {
    size: firstPiece + pieces.length,
    words,
    pieces,
    encode,
    encodeBatch,
    toJSON: () => ({ version: 1, words, pieces }),
  };
}

/** At most `count` ids, ascending: rare words say most, pieces least. */
function rarest(ids: readonly number[], count: number, firstPiece: number): number[] {
  if (ids.length <= count) return [...ids];
  const words = ids.filter((id) => id < firstPiece).reverse();
  const pieces = ids.filter((id) => id >= firstPiece);
  return [...words, ...pieces].slice(0, count).sort((a, b) => a - b);
}
