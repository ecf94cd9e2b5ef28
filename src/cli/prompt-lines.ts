/** Prompts as they are given: in words, or `-` for the lines of stdin. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError if stdin is asked for and has no line. */
export async function promptLines(
  words: readonly string[],
  stdin: () => AsyncIterable<Uint8Array | string>,
): Promise<string[]> {
  if (!words.includes("-")) return [...words];
  const lines = await linesOf(stdin());
  if (lines.length === 0) {
    throw new UsageError(["prompt: expected lines on stdin, got none"], "ordo generate --help");
  }
  // stdin can be read only once
  const at = words.indexOf("-");
  return words.flatMap((word, i) => (word !== "-" ? [word] : i === at ? lines : []));
}

async function linesOf(source: AsyncIterable<Uint8Array | string>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: Readable.from(source) })) {
    if (line.trim()) lines.push(line.trim());
  }
  return lines;
}
