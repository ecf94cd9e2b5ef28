import { readFile, stat } from "node:fs/promises";
import type { z } from "zod";
import { CheckpointError } from "../errors.ts";
import { parseJson } from "./parse-json.ts";

/** No JSON beside weights is anywhere near this; a hostile one must not fill the memory. */
const LARGEST_JSON_BYTES = 100_000_000;

/**
 * Reads a JSON file that must fit `schema`.
 *
 * @throws CheckpointError naming the file; it lists all fields that do not fit.
 */
export async function readJson<T>(
  path: string,
  schema: z.ZodType<T>,
  { hint }: { readonly hint?: string } = {},
): Promise<T> {
  const fail = (expected: string, got: string, cause?: unknown): never => {
    const facts = { where: path, expected, got, ...(hint === undefined ? {} : { hint }) };
    throw new CheckpointError(facts, { cause });
  };
  const text = await readText(path, fail);
  return parseJson(text, schema, { where: path, ...(hint === undefined ? {} : { hint }) });
}

type Fail = (expected: string, got: string, cause?: unknown) => never;

async function readText(path: string, fail: Fail): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) =>
    fail("a JSON file", error.code === "ENOENT" ? "no such file" : String(error.code), error),
  );
  if (!found.isFile()) return fail("a JSON file", "a folder");
  if (found.size > LARGEST_JSON_BYTES) return fail("at most 100 MB of JSON", `${found.size} bytes`);
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) =>
    fail("a readable file", String(error.code), error),
  );
}
