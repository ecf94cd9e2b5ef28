/**
 * CLIP's byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019). A text is cut into
 * words, numbers digit by digit and runs of other signs; the bytes of each, written as one character
 * each, are merged in the order in which training merged them.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { readJson } from "../checkpoints/json-file.ts";
import { CheckpointError } from "../errors.ts";

const START = "<|startoftext|>";
const END = "<|endoftext|>";
/** After the last byte of a word. */
export const WORD_END = "</w>";

export interface ClipTokens {
  /** Ids are below this. */
  readonly size: number;
  /** The ids of a text between the marks of start and end; of long texts the last ids are left out. */
  encode(text: string, longest: number): Int32Array;
}

/** What the two files of a vocabulary hold. */
export interface ClipVocabulary {
  readonly ids: ReadonlyMap<string, number>;
  /** Most urgent first. */
  readonly merges: readonly (readonly [string, string])[];
}

/**
 * Reads `vocab.json` and `merges.txt` of Hugging Face's layout.
 *
 * @throws CheckpointError naming the file and what is wrong in it.
 */
export async function readClipTokens(vocabulary: string, merges: string): Promise<ClipTokens> {
  const ids = new Map(Object.entries(await readJson(vocabulary, z.record(z.string(), id))));
  const text = await readFile(merges, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const expected = "a readable file of merges";
    throw new CheckpointError({ where: merges, expected, got: `${cause.code}` }, { cause });
  });
  return clipTokens({ ids, merges: mergesOf(text, merges) }, vocabulary);
}

const id = z.int32().nonnegative();

function mergesOf(text: string, where: string): [string, string][] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const first = lines[0]!.startsWith("#version") ? 1 : 0;
  return lines.flatMap((line, i) => {
    if (i < first || line === "") return [];
    const parts = line.split(" ");
    if (parts.length === 2) return [parts as [string, string]];
    const expected = "two symbols with a space between on every line";
    throw new CheckpointError({ where, expected, got: `${JSON.stringify(line)} on line ${i + 1}` });
  });
}

/** @throws CheckpointError naming the symbols without an id, as no text may meet one. */
export function clipTokens({ ids, merges }: ClipVocabulary, where: string): ClipTokens {
  const symbols = [...byteSymbols, ...byteSymbols.map((symbol) => symbol + WORD_END)];
  const needed = [...symbols, ...merges.map((pair) => pair.join("")), START, END];
  const missing = needed.filter((symbol) => !ids.has(symbol));
  if (missing.length > 0) {
    throw new CheckpointError({
      where,
      expected: "an id for every byte, every merge and the marks of start and end",
      got: `none for ${missing.length}: ${missing.slice(0, 10).join(" ")}`,
    });
  }
  const ranks = new Map(merges.map((pair, rank) => [pair.join(" "), rank]));
  return {
    size: [...ids.values()].reduce((most, one) => Math.max(most, one), 0) + 1,
    encode: (text, longest) => {
      const inside: number[] = [];
      for (const word of clipWords(text)) {
        if (inside.length >= longest - 2) break;
        for (const symbol of merged(bytesOf(word), ranks)) inside.push(ids.get(symbol)!);
      }
      return Int32Array.of(ids.get(START)!, ...inside.slice(0, longest - 2), ids.get(END)!);
    },
  };
}

/** What a text is cut into, in lower case: "A cat's 12" gives `a`, `cat`, `'s`, `1`, `2`. */
export function clipWords(text: string): string[] {
  const plain = text.normalize("NFC").toLowerCase();
  return plain.match(/'(?:s|t|re|ve|m|ll|d)|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu) ?? [];
}

function bytesOf(word: string): string[] {
  const symbols = Array.from(new TextEncoder().encode(word), (byte) => byteSymbols[byte]!);
  symbols.push(symbols.pop()! + WORD_END);
  return symbols;
}

/** Merges the most urgent pair wherever it occurs, until there is none. */
function merged(word: readonly string[], ranks: ReadonlyMap<string, number>): readonly string[] {
  let parts = word;
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let i = 1; i < parts.length; i++) {
      const rank = ranks.get(`${parts[i - 1]} ${parts[i]}`) ?? Number.POSITIVE_INFINITY;
      if (rank < best) [best, at] = [rank, i];
    }
    if (at < 0) return parts;
    const [first, second] = [parts[at - 1]!, parts[at]!];
    const next: string[] = [];
    for (let i = 0; i < parts.length; i++) {
      const isPair = parts[i] === first && parts[i + 1] === second;
      next.push(isPair ? first + second : parts[i]!);
      if (isPair) i++;
    }
    parts = next;
  }
}

/** The character that stands for each byte: itself where it can be seen, else one from U+0100 on. */
export const byteSymbols: readonly string[] = symbolsOfBytes();

function symbolsOfBytes(): string[] {
  const seen = (byte: number) =>
    (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte <= 0xff && byte !== 0xad);
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(seen(byte) ? byte : 0x100 + hidden++),
  );
}
