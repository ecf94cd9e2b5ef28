/** From the text of a JSON file to what fits a schema. */
import type { z } from "zod";
import { CheckpointError } from "../errors.ts";

export interface JsonPlace {
  /** The file, for errors. */
  readonly where: string;
  readonly hint?: string;
}

/**
 * The value of a JSON text.
 *
 * @throws CheckpointError naming the file; it lists all fields that do not fit.
 */
export function parseJson<T>(text: string, schema: z.ZodType<T>, place: JsonPlace): T {
  const result = schema.safeParse(jsonOf(text, place));
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path: field, message }) => `${field.join(".") || "the whole"}: ${message}`,
  );
  const got = problems.join("; ");
  throw new CheckpointError({ ...place, expected: "fields that fit", got });
}

function jsonOf(text: string, place: JsonPlace): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : "something else";
    throw new CheckpointError({ ...place, expected: "JSON", got }, { cause });
  }
}
