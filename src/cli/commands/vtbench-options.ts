/** What `ordo vtbench` can be told. */
import type { z } from "zod";
import { type Task, tasks } from "../../vtbench/task.ts";
import type { Option } from "../command.ts";
import { drawableModels } from "../folders.ts";
import * as shared from "../options.ts";
import { flag, reading, text } from "../schemas.ts";

export interface BenchValues {
  readonly tokenizers: readonly string[] | undefined;
  readonly tasks: readonly Task[];
  readonly data: string | undefined;
  readonly quick: boolean;
  readonly features: string | undefined;
  readonly officialQuirks: boolean;
  readonly seed: number | undefined;
  readonly output: string | undefined;
  readonly device: shared.DeviceChoice;
  readonly force: boolean;
}

export const benchOptions: { readonly [K in keyof BenchValues]: Option<BenchValues[K]> } = {
  tokenizers: {
    flags: "--tokenizers <list>",
    summary: "folders or shipped models, parted by commas; all shipped ones if left out",
    schema: listOf("folders or shipped models, parted by commas", (word) => word).optional(),
    suggest: drawableModels,
  },
  tasks: {
    flags: "--tasks <list>",
    summary: `some of ${tasks.join(",")}`,
    schema: listOf(`some of ${tasks.join(",")}`, (word) =>
      tasks.find((task) => task === word),
    ).default([...tasks]),
    suggest: () => tasks,
  },
  data: {
    flags: "--data <folder>",
    summary: "pictures of your own instead of the made ones; their text is read by Tesseract",
    schema: text("a folder of pictures").optional(),
  },
  quick: { flags: "--quick", summary: "a few pictures of each kind", schema: flag() },
  features: {
    flags: "--features <name>",
    summary:
      "network for a perceptual distance: a shipped classifier or a folder; none if left out",
    schema: text("a network").optional(),
  },
  officialQuirks: {
    flags: "--official-quirks",
    summary: "compare as VTBench's code does, faults included: everything at 256 pixels",
    schema: flag(),
  },
  seed: { ...shared.seed, summary: "of the made pictures; 1 if left out" },
  output: {
    flags: "-o, --output <folder>",
    summary: "result.json, the rate-distortion plot and contact sheets",
    schema: text("a folder").optional(),
  },
  device: shared.device,
  force: shared.force,
};

/** Words parted by commas, each known to `read`, none twice. */
function listOf<T>(what: string, read: (word: string) => T | undefined): z.ZodType<T[]> {
  return reading(what, (given) => {
    const words = given.split(",").map((word) => word.trim());
    const values = words.map(read).filter((value) => value !== undefined && value !== "");
    if (values.length < words.length || new Set(values).size < values.length) return undefined;
    return values as T[];
  });
}
