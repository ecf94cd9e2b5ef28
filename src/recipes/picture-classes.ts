/** The classes that a recipe finds in a data set. */
import { type Dataset, labelNames } from "../data/dataset.ts";
import type { Example } from "../data/example.ts";
import { DataError } from "../errors.ts";
import { requireClasses } from "./require-requests.ts";

/** Classes by a field of the metadata, where there are no class folders. */
export interface ClassRule {
  readonly field: string;
  /** Where fewer pictures than `atLeast` share a value, this field stands for it. */
  readonly otherwise: string;
  readonly atLeast: number;
}

export interface PictureClasses {
  /** Class k is the k-th. */
  readonly names: readonly string[];
  /** The class of a picture, also of one that did not help to find the classes; −1 if it has none. */
  classOf(example: Example): number;
}

/**
 * The labels of pictures, or the values of the rule's field.
 *
 * @throws DataError if a picture has no class, or all have one.
 */
export function pictureClasses(
  { name, examples }: Pick<Dataset, "name" | "examples">,
  rule?: ClassRule,
): PictureClasses {
  const nameOf = rule ? byRule(examples, rule) : ({ label }: Example) => label;
  const named = examples.map((example) => labelled(example, nameOf(example)));
  requireClasses({ name, examples: named });
  const names = labelNames({ examples: named });
  if (names.length < 2) {
    throw new DataError({ where: name, expected: "pictures of several classes", got: names[0]! });
  }
  const numbers = new Map(names.map((name, i) => [name, i]));
  return { names, classOf: (example) => numbers.get(nameOf(example) ?? "") ?? -1 };
}

type Naming = (example: Example) => string | undefined;

function byRule(examples: readonly Example[], { field, otherwise, atLeast }: ClassRule): Naming {
  const counts = new Map<string, number>();
  for (const { fields } of examples) {
    const value = textOf(fields[field]);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return ({ fields }) => {
    const value = textOf(fields[field]);
    const enough = value !== undefined && (counts.get(value) ?? 0) >= atLeast;
    return enough ? value : textOf(fields[otherwise]);
  };
}

function labelled(example: Example, label: string | undefined): Example {
  const { label: _, ...others } = example;
  return label === undefined ? others : { ...others, label };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
