/** What `ordo eval` can be told, and which of its kinds understands what. */
import type { z } from "zod";
import { type WeightFormat, weightFormats } from "../../systems/weight-format.ts";
import type { Option } from "../command.ts";
import { longName } from "../inputs.ts";
import * as shared from "../options.ts";
import { choice, flag, integer, reading, text } from "../schemas.ts";
import { shellWord } from "../shell-word.ts";
import { UsageError } from "../usage-error.ts";

export const evalKinds = [
  "samples",
  "model",
  "tokenizer",
  "scenes",
  "statistics",
  "compare",
] as const;
export type EvalKind = (typeof evalKinds)[number];
export const kindOf: z.ZodType<EvalKind> = choice(evalKinds);

const pictureWords = "a folder, .zip or .npz of pictures";
const dataWords = "a folder or zip of pictures";

/** The files of torchvision and of the lpips package. */
export interface LpipsPaths {
  readonly trunk: string;
  readonly heads: string;
}

export interface EvalValues {
  readonly reference: string | undefined;
  readonly data: string | undefined;
  readonly count: number | undefined;
  readonly features: string | undefined;
  readonly lpips: LpipsPaths | undefined;
  readonly clip: string | undefined;
  readonly output: string | undefined;
  readonly report: boolean;
  readonly seed: number | undefined;
  readonly batch: number | undefined;
  readonly guidance: number | undefined;
  readonly topK: number | undefined;
  readonly topP: number | undefined;
  readonly temperature: number | undefined;
  readonly weights: WeightFormat | undefined;
  readonly device: shared.DeviceChoice;
  readonly force: boolean;
}

type Key = keyof EvalValues;

export const evalOptions: { readonly [K in Key]: Option<EvalValues[K]> } = {
  reference: {
    flags: "--reference <path>",
    summary: `samples: what to compare with: ${pictureWords}, or .npz statistics`,
    schema: text(pictureWords).optional(),
  },
  data: {
    flags: "--data <path>",
    summary: `model, tokenizer: ${dataWords}`,
    schema: text(dataWords).optional(),
  },
  count: {
    flags: "-n, --count <number>",
    summary:
      "pictures to measure; all if left out, and 1000 for a model; scenes: pictures a prompt, 4 if left out",
    schema: integer({ from: 1, to: 10_000_000 }).optional(),
  },
  features: {
    flags: "--features <name>",
    summary:
      "network for the distances: a shipped name, a folder, or the Inception file of the FID",
    schema: text("a network").optional(),
  },
  lpips: {
    flags: "--lpips <trunk,heads>",
    summary: "tokenizer: the two files of LPIPS; without them PercDist by the classifier",
    schema: reading("two files with a comma between", (given) => {
      const [trunk = "", heads = "", ...more] = given.split(",").map((path) => path.trim());
      return trunk && heads && more.length === 0 ? { trunk, heads } : undefined;
    }).optional(),
  },
  clip: {
    flags: "--clip <folder>",
    summary: "samples, model: a CLIP with its vocabulary, to score pictures against their texts",
    schema: text("the folder of a CLIP").optional(),
  },
  output: {
    flags: "-o, --output <path>",
    summary:
      "report.html, result.json and the pictures that a model draws; statistics: the .npz file",
    schema: text("a path").optional(),
  },
  report: {
    flags: "--no-report",
    summary: "print the numbers only",
    schema: flag(true),
  },
  seed: {
    ...shared.seed,
    summary: "of choices, resamples and drawn pictures: picture i has seed + i; 1 if left out",
  },
  batch: {
    flags: "--batch <number>",
    summary: "pictures that the network sees at once; changes no number; 64 if left out",
    schema: integer({ from: 1, to: 65_536 }).optional(),
  },
  guidance: drawingOnly(shared.guidance),
  topK: drawingOnly(shared.topK),
  topP: drawingOnly(shared.topP),
  temperature: drawingOnly(shared.temperature),
  weights: drawingOnly({ ...shared.weights, schema: choice(weightFormats).optional() }),
  device: shared.device,
  force: shared.force,
};

function drawingOnly<T>(option: Option<T>): Option<T> {
  return { ...option, summary: `model, scenes: ${option.summary}` };
}

const sampling = ["guidance", "topK", "topP", "temperature", "weights"] as const;
const measuring = ["count", "features", "output", "seed", "batch"] as const;

/** What each kind understands, beyond what changes no number. */
const understood: Readonly<Record<EvalKind, readonly Key[]>> = {
  samples: ["reference", "clip", ...measuring],
  model: ["data", "clip", ...measuring, ...sampling],
  tokenizer: ["data", "lpips", ...measuring],
  scenes: ["count", "output", "seed", ...sampling],
  statistics: measuring,
  compare: [],
};

/** What a kind cannot do without. */
const needed: Readonly<Record<EvalKind, readonly Key[]>> = {
  samples: ["reference"],
  model: ["data"],
  tokenizer: ["data"],
  scenes: [],
  statistics: [],
  compare: [],
};

const anyKind: readonly Key[] = ["report", "device", "force"];

/**
 * The paths of a command line that makes sense.
 *
 * @param wanted how many of them, and what each is.
 * @throws UsageError with everything that is missing or has no meaning here.
 */
export function requireAsked(
  kind: EvalKind,
  paths: readonly string[],
  values: EvalValues,
  wanted: readonly string[],
): void {
  const flagOf = (key: Key) => longName(evalOptions[key].flags);
  const given = (Object.keys(evalOptions) as Key[]).filter(
    (key) => values[key] !== undefined && !anyKind.includes(key),
  );
  const got = paths.length === 0 ? "nothing" : paths.map((path) => JSON.stringify(path)).join(" ");
  const single = kind !== "scenes" && values.count === 1;
  const problems = [
    ...(single ? ["--count: expected 2 pictures or more, got 1"] : []),
    ...(paths.length === wanted.length
      ? []
      : [`eval ${kind}: expected ${wanted.join(" and ")}, got ${got}`]),
    ...needed[kind]
      .filter((key) => values[key] === undefined)
      .map((key) => `${flagOf(key)}: expected ${evalOptions[key].summary.split(": ").at(-1)}`),
    ...given
      .filter((key) => !understood[kind].includes(key))
      .map((key) => `${flagOf(key)} has no meaning for eval ${kind}`),
  ];
  if (problems.length > 0) throw new UsageError(problems, "ordo eval --help");
}

/** The command line that measures the same again. */
export function commandLine(
  kind: EvalKind,
  paths: readonly string[],
  values: Partial<EvalValues>,
): string {
  const options = (Object.keys(evalOptions) as Key[])
    .filter((key) => values[key] !== undefined && !anyKind.includes(key))
    .flatMap((key) => [longName(evalOptions[key].flags), shellWord(wordOf(values[key]))]);
  return ["ordo eval", kind, ...paths.map(shellWord), ...options].join(" ");
}

function wordOf(value: EvalValues[Key] | undefined): string {
  return typeof value === "object" ? `${value.trunk},${value.heads}` : String(value);
}
