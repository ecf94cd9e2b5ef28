/**
 * Readers of single command-line values. Each says what it expected; inputs.ts adds the flag's name
 * and what came instead.
 */
import { z } from "zod";

/** Text read by `read`, which returns undefined for text that is not what is expected. */
export function reading<T>(expected: string, read: (text: string) => T | undefined): z.ZodType<T> {
  const message = `expected ${expected}`;
  return z.string({ error: message }).transform((text, context) => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

/** Any text that is not blank. */
export function text(what: string): z.ZodType<string> {
  return reading(what, (given) => given || undefined);
}

export interface Range {
  readonly from?: number;
  readonly to?: number;
  /** The lower end itself is not allowed. */
  readonly above?: number;
}

export function integer(range: Range = {}): z.ZodType<number> {
  return reading(`a whole number${inWords(range)}`, (given) => {
    const value = /^[+-]?\d+$/.test(given) ? Number(given) : Number.NaN;
    return Number.isSafeInteger(value) && within(value, range) ? value : undefined;
  });
}

export function number(range: Range = {}): z.ZodType<number> {
  return reading(`a number${inWords(range)}`, (given) => {
    const value = given === "" ? Number.NaN : Number(given);
    return Number.isFinite(value) && within(value, range) ? value : undefined;
  });
}

export function choice<const T extends string>(words: readonly T[]): z.ZodType<T> {
  return reading(`one of ${words.join(", ")}`, (given) => words.find((word) => word === given));
}

/** All remaining words; none unless `least` says so. */
export function list<T>(item: z.ZodType<T>, what: string, least: 0 | 1 = 0): z.ZodType<T[]> {
  const many = z.array(item, { error: `expected ${what}` });
  return least === 0 ? many.default([]) : many;
}

/** A flag without a value; one that begins with `--no-` is on unless it is given. */
export function flag(unlessGiven = false): z.ZodType<boolean> {
  return z.boolean().default(unlessGiven);
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `64` or `64x96`, in pixels, width first. */
export function size(): z.ZodType<Size> {
  return reading("a size in pixels such as 64 or 64x96", (given) => {
    const match = /^([1-9]\d{0,4})(?:[x×]([1-9]\d{0,4}))?$/i.exec(given);
    if (!match) return undefined;
    return { width: Number(match[1]), height: Number(match[2] ?? match[1]) };
  });
}

function within(value: number, { from = -Infinity, to = Infinity, above }: Range): boolean {
  return value >= from && value <= to && (above === undefined || value > above);
}

function inWords({ from, to, above }: Range): string {
  const low = above !== undefined ? ` above ${above}` : from !== undefined ? ` from ${from}` : "";
  if (to !== undefined) return low ? `${low} to ${to}` : ` up to ${to}`;
  return from !== undefined ? `${low} up` : low;
}
