import type { MemoryPlan } from "../../bench/memory-plan.ts";
import type { Composition } from "../../systems/system.ts";
import { type Command, defineCommand } from "../command.ts";
import * as shared from "../options.ts";
import { integer, text } from "../schemas.ts";
import { table } from "../table.ts";
import { shortCount } from "../with-model.ts";

/** What drawing with a model takes, before it is loaded. */
export const plan: Command = defineCommand({
  name: "plan",
  summary: "Tells how much memory a model needs, and whether this machine has it.",
  examples: [
    "ordo plan emoji-var",
    "ordo plan d30-256 --weights int8",
    "ordo plan mar-b",
    "ordo plan d16 --json",
  ],
  arguments: {
    model: {
      summary: "a shipped name, a model folder, or a preset: d16, llamagen-b, mar-l-512",
      schema: text("a model or a preset"),
    },
  },
  options: {
    weights: shared.weights,
    batch: {
      flags: "--batch <number>",
      summary: "pictures to draw; they are drawn one after the other, in the memory of one",
      schema: integer({ from: 1, to: 1000 }).default(1),
    },
  },
  async run(_context, { model, weights, batch }) {
    const { composition, name } = await composed(model);
    const { memoryPlan } = await import("../../bench/memory-plan.ts");
    const { availableBytes } = await import("../../bench/memory.ts");
    const planned = memoryPlan(composition, { weights, batch });
    const available = availableBytes();
    const fits = planned.peakBytes <= available;
    return {
      data: { model: name, weights, batch, ...planned, availableBytes: available, fits },
      text: `${name}, ${weights}\n${inWords(planned, available)}`,
      exitCode: fits ? 0 : 1,
    };
  },
});

/**
 * A preset or else a model.
 *
 * @throws ConfigError if it is neither, or a preset of several systems.
 */
async function composed(name: string): Promise<{ composition: Composition; name: string }> {
  const { systems } = await import("../../systems/index.ts");
  const { presetNamed } = await import("../../systems/preset-named.ts");
  const preset = presetNamed(systems, name);
  if (preset) return preset;
  const { readModelFolder, resolveModel } = await import("../../checkpoints/index.ts");
  const { composeFiles } = await import("../../systems/assemble.ts");
  const folder = await readModelFolder(await resolveModel(name));
  return { composition: (await composeFiles(folder)).composition, name: folder.name };
}

/** 2 305 000 000 as "2.31 GB". */
function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function inWords(planned: MemoryPlan, available: number): string {
  const { parameters, weightBytes, parts, cacheBytes, makingBytes, peakBytes } = planned;
  const { transformer, tokenizer } = parameters;
  const counts = `${shortCount(transformer)} transformer, ${shortCount(tokenizer)} tokenizer`;
  const formats = Object.entries(weightBytes).map(([format, bytes]) => `${format} ${size(bytes)}`);
  const verdict = peakBytes <= available ? "fits" : "does not fit";
  const rows = [
    ["parameters", counts],
    ["weights", formats.join(", ")],
    ["key-value cache", size(cacheBytes)],
    ["peak", `about ${size(peakBytes)}`],
    ...Object.entries(words).map(([part, what]) => [
      `  ${what}`,
      size(parts[part as keyof typeof words]),
    ]),
    ["  or, while graphs are made", size(makingBytes)],
    ["available", `${size(available)}: it ${verdict}`],
  ];
  return table([], rows);
}

const words: Readonly<Record<keyof MemoryPlan["parts"], string>> = {
  program: "program and graphs",
  weights: "weights that drawing reads",
  cache: "cache, while it grows",
  step: "values of the largest step",
  decoder: "values of the pixel decoder",
};
