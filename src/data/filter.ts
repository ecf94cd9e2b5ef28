/** Which examples to leave out, in a form that a recipe file can hold. */

import { ConfigError } from "../errors.ts";
import type { Example } from "./example.ts";

/** Matches examples whose field matches a pattern. */
export interface ExampleRule {
  /** `text`, `label`, `file`, or any field of the metadata; lists match if one item does. */
  readonly field: string;
  /** Regular expression, upper and lower case alike. */
  readonly pattern: string;
}

/** A predicate that is true where any rule matches. @throws ConfigError for a broken pattern. */
export function matchesAny(rules: readonly ExampleRule[]): (example: Example) => boolean {
  const compiled = rules.map(({ field, pattern }) => ({ field, regex: compile(field, pattern) }));
  return (example) =>
    compiled.some(({ field, regex }) =>
      valuesOf(example, field).some((value) => regex.test(value)),
    );
}

function compile(field: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern, "iu");
  } catch (cause) {
    const got = JSON.stringify(pattern);
    throw new ConfigError(
      { where: `exclude.${field}`, expected: "a regular expression", got },
      { cause },
    );
  }
}

function valuesOf(example: Example, field: string): string[] {
  const value =
    field === "text" || field === "label" || field === "file"
      ? example[field]
      : Object.hasOwn(example.fields, field)
        ? example.fields[field]
        : undefined;
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item) => item !== undefined && item !== null).map(String);
}
