/** `metadata.jsonl`: one JSON object a line, `file_name` beside the file, `text`, `label`, more. */

import type { Example, Listing, Skipped } from "./example.ts";
import type { Source, SourceFile } from "./source.ts";

/** Reads all metadata files; lines that cannot be used are named by number, never fatal. */
export async function readMetadata(
  source: Source,
  metadata: readonly SourceFile[],
  pictures: readonly SourceFile[],
): Promise<Listing> {
  const known = new Set(pictures.map(({ path }) => path));
  const named = new Set<string>();
  const examples: Example[] = [];
  const skipped: Skipped[] = [];
  for (const file of metadata) {
    const folder = file.path.slice(0, file.path.lastIndexOf("/") + 1);
    const text = new TextDecoder().decode(await source.read(file));
    text.split("\n").forEach((line, i) => {
      if (!line.trim()) return;
      const parsed = parseLine(line, folder, known);
      if (typeof parsed === "string") {
        skipped.push({ file: `${file.path} line ${i + 1}`, reason: parsed });
      } else {
        examples.push(parsed);
        named.add(parsed.file);
      }
    });
  }
  for (const { path } of pictures) {
    if (!named.has(path)) skipped.push({ file: path, reason: "no line in metadata.jsonl" });
  }
  return { examples, skipped };
}

/** The example of one line, or why there is none. */
function parseLine(line: string, folder: string, known: ReadonlySet<string>): Example | string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return "not JSON";
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    return "not a JSON object";
  }
  const { file_name: name, text, label, ...fields } = record as Record<string, unknown>;
  if (typeof name !== "string") return "no file_name";
  const file = folder + name.replace(/\\/g, "/").replace(/^\.\//, "");
  if (!known.has(file)) return `names ${name}, which is not there or no picture`;
  return {
    file,
    ...(typeof text === "string" ? { text } : {}),
    ...(typeof label === "string" || typeof label === "number" ? { label: String(label) } : {}),
    fields,
  };
}
