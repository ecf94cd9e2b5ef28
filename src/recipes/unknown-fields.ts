/** Fields that a schema does not know: slips of the pen that would otherwise change nothing. */
import { z } from "zod";
import { nearNames } from "../checkpoints/near-names.ts";

export interface UnknownField {
  /** `plan.learningrate`. */
  readonly path: string;
  /** Fields of the same place with a similar name, closest first. */
  readonly near: readonly string[];
}

/** All fields of `value` that `schema` has no place for, at any depth. */
export function unknownFields(schema: z.ZodType, value: unknown, path = ""): UnknownField[] {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodDiscriminatedUnion) {
    const fitting = optionFor(bare, value);
    return fitting ? unknownFields(fitting, value, path) : [];
  }
  if (bare instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, i) => unknownFields(asType(bare.element), item, `${path}.${i}`));
  }
  if (!(bare instanceof z.ZodObject) || !isRecord(value)) return [];
  const known = Object.keys(bare.shape);
  return Object.entries(value).flatMap(([key, item]) => {
    const own = path ? `${path}.${key}` : key;
    if (!Object.hasOwn(bare.shape, key)) return [{ path: own, near: nearNames(key, known) }];
    return unknownFields(asType(bare.shape[key]), item, own);
  });
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault;
  return wrapped ? unwrapped(asType(schema.unwrap())) : schema;
}

/** The option of a union that the value's discriminator chooses. */
function optionFor(union: z.ZodDiscriminatedUnion, value: unknown): z.ZodType | undefined {
  if (!isRecord(value)) return undefined;
  const key = union.def.discriminator;
  return union.options.map(asType).find((option) => isChosen(option, key, value));
}

function isChosen(
  option: z.ZodType,
  key: string,
  value: Readonly<Record<string, unknown>>,
): boolean {
  if (option instanceof z.ZodDiscriminatedUnion) {
    return option.options.map(asType).some((inner) => isChosen(inner, key, value));
  }
  if (!(option instanceof z.ZodObject)) return false;
  const discriminator = asType(option.shape[key]);
  if (!(key in value)) return discriminator instanceof z.ZodExactOptional;
  return discriminator.safeParse(value[key]).success;
}

/** The library types the parts of a schema by its core, which all of its schemas extend. */
function asType(schema: unknown): z.ZodType {
  return schema as z.ZodType;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
