/** The `parameters` text of AUTOMATIC1111's program, which most galleries show. */

import { nameOnly, type Recipe } from "./recipe.ts";

/** Settings that other programs' recipes share. */
export interface CommonSettings {
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly seed?: number;
  /** Number of prediction or diffusion steps. */
  readonly steps?: number;
  readonly guidance?: number;
  readonly sampler?: string;
  readonly model?: string;
  readonly width?: number;
  readonly height?: number;
}

/** A recipe as prompt lines, negative prompt and one line of settings. */
export function parametersText(recipe: Recipe): string {
  const { guidance, size, topK, topP, temperature } = recipe;
  const settings: [string, string | number | undefined][] = [
    ["Steps", recipe.steps.length],
    ["Sampler", recipe.system],
    // one number is all that readers expect: of a ramp, its end
    ["CFG scale", typeof guidance === "object" ? guidance.at(-1) : guidance],
    ["Seed", recipe.seed + recipe.index],
    ["Size", `${size.width}x${size.height}`],
    ["Model hash", recipe.weightHash?.replace(/^sha256:/, "").slice(0, 10)],
    ["Model", nameOnly(recipe.model)],
    ["Top-k", topK],
    ["Top-p", topP],
    ["Temperature", temperature],
    ["Version", `ordo ${recipe.ordoVersion}`],
  ];
  const line = settings
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${quoted(String(value))}`)
    .join(", ");
  const negative = recipe.negativePrompt ? [`Negative prompt: ${recipe.negativePrompt}`] : [];
  return [recipe.prompt ?? recipe.classLabel ?? "", ...negative, line].join("\n");
}

function quoted(value: string): string {
  return /[,:\n"]/.test(value) ? JSON.stringify(value) : value;
}

/** What a `parameters` text says, and the settings that have no common name. */
export interface ParsedParameters {
  readonly settings: CommonSettings;
  readonly other: Readonly<Record<string, string>>;
}

/** Reads a `parameters` text; a text without a settings line is all prompt. */
export function parseParametersText(text: string): ParsedParameters {
  const lines = text.trim().split("\n");
  const pairs = settingPairs(lines.at(-1) ?? "");
  // fewer than three "Name: value" pairs are words of a prompt
  if (pairs.size >= 3) lines.pop();
  else pairs.clear();
  const negativeAt = lines.findIndex((line) => line.startsWith("Negative prompt:"));
  const prompt = lines.slice(0, negativeAt < 0 ? lines.length : negativeAt).join("\n");
  const negative = negativeAt < 0 ? "" : lines.slice(negativeAt).join("\n");
  const negativePrompt = negative.slice("Negative prompt:".length).trim();
  const take = (name: string): string | undefined => {
    const value = pairs.get(name);
    pairs.delete(name);
    return value;
  };
  const [width, height] = (take("Size") ?? "").split("x").map(Number);
  const settings: CommonSettings = {
    ...(prompt.trim() ? { prompt: prompt.trim() } : {}),
    ...(negativePrompt ? { negativePrompt } : {}),
    ...numeric("steps", take("Steps")),
    ...numeric("guidance", take("CFG scale")),
    ...numeric("seed", take("Seed")),
    ...named("sampler", take("Sampler")),
    ...named("model", take("Model")),
    ...(width && height ? { width, height } : {}),
  };
  return { settings, other: Object.fromEntries(pairs) };
}

function settingPairs(line: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const match of line.matchAll(/([\w][\w /-]*):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,\s*|$)/g)) {
    pairs.set(match[1]!.trim(), unquoted(match[2]!.trim()));
  }
  return pairs;
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

function numeric<K extends string>(name: K, value: string | undefined): { [key in K]?: number } {
  const number = Number(value);
  return value && Number.isFinite(number) ? ({ [name]: number } as { [key in K]: number }) : {};
}

function named<K extends string>(name: K, value: string | undefined): { [key in K]?: string } {
  return value ? ({ [name]: value } as { [key in K]: string }) : {};
}
