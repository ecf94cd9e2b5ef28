/** Recipes that users write: based on a shipped one if they say so, and checked as a whole. */
import type { z } from "zod";
import { nearNames } from "../checkpoints/near-names.ts";
import { ConfigError } from "../errors.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { recipeSchema } from "./recipe-schema.ts";
import { recipes } from "./shipped.ts";
import { type UnknownField, unknownFields } from "./unknown-fields.ts";

/** Names the recipe that all fields come from which are not given. */
const BASE = "extends";

/**
 * Reads a recipe. `{ "extends": "small-var", "plan": { "steps": 100 } }` is small-var with fewer
 * steps: sections are merged field by field, the fields themselves are replaced.
 *
 * @param where the file, for errors.
 * @throws ConfigError naming every field that does not fit.
 */
export function parseRecipe(content: unknown, where: string): TrainingRecipe {
  if (!isRecord(content)) {
    throw new ConfigError({ where, expected: "the fields of a recipe", got: shown(content) });
  }
  const whole = BASE in content ? extended(content, where) : content;
  const result = recipeSchema.safeParse(whole);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => problem(issue, whole)),
    ...unknownFields(recipeSchema, whole).map(unknown),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError({ where, expected: "a recipe", got: problems.join("; ") });
}

function extended(
  { [BASE]: name, ...own }: Readonly<Record<string, unknown>>,
  where: string,
): Readonly<Record<string, unknown>> {
  const found = recipes.find((recipe) => recipe.name === name);
  if (!found) {
    const names = recipes.map((recipe) => recipe.name);
    const near = nearNames(String(name), names);
    throw new ConfigError({
      where: `${where}: ${BASE}`,
      expected: `one of ${names.join(", ")}`,
      got: shown(name),
      ...(near.length > 0 && { hint: `Did you mean ${near.join(" or ")}?` }),
    });
  }
  // what the base tells of its data is not true of other data
  const { card: _, ...base } = found as unknown as Readonly<Record<string, unknown>>;
  const merged = Object.entries(own).map(([key, value]) => [key, mergedSection(base[key], value)]);
  return { ...base, ...Object.fromEntries(merged) };
}

function mergedSection(before: unknown, value: unknown): unknown {
  if (!isRecord(before) || !isRecord(value)) return value;
  // fields of one kind mean nothing to another
  const otherKind = "kind" in value && value.kind !== before.kind;
  return otherKind ? value : { ...before, ...value };
}

/** "plan.steps: expected a whole number, got "many"". */
function problem(issue: z.core.$ZodIssue, whole: unknown): string {
  const path = issue.path.join(".");
  const value = issue.path.reduce(
    (at, key) => (at as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    whole,
  );
  // a choice is complained about where its options are told apart
  const discriminator = issue.code === "invalid_union" ? issue.discriminator : undefined;
  if (discriminator !== undefined && isRecord(value)) {
    const own = [...issue.path, discriminator].join(".");
    return `${own}: ${issue.message}, got ${shown(value[discriminator])}`;
  }
  return `${path}: ${expectation(issue)}, got ${shown(value)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${kinds[issue.expected] ?? issue.expected}`;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? `expected at least ${issue.minimum}`
        : `expected a number ${issue.inclusive ? "from" : "above"} ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    default:
      return issue.message;
  }
}

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "fields",
};

function unknown({ path, near }: UnknownField): string {
  const guess = near.length > 0 ? ` (did you mean ${near.join(" or ")}?)` : "";
  return `unknown field ${path}${guess}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
