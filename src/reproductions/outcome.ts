/** What one seed came to, kept on the disk so that a run which is stopped goes on. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../checkpoints/json-file.ts";
import { writeWhole } from "../checkpoints/whole-file.ts";
import { grid } from "../images/grid.ts";
import { writePicture } from "../images/write.ts";
import type { Arm, Reproduction, SeedContext, Setting } from "./reproduction.ts";

/** An arm without its pictures, which lie beside it. */
export type Numbers = Pick<Arm, "values" | "curve">;

export interface SeedOutcome {
  readonly minutes: number;
  readonly baseline: Numbers;
  readonly system: Numbers;
}

const numbers = z.object({
  values: z.record(z.string(), z.number()),
  curve: z.array(z.object({ step: z.int(), value: z.number() })).exactOptional(),
});

const schema = z.object({
  /** What it was measured with; another setting is measured anew. */
  setting: z.record(z.string(), z.union([z.string(), z.number()])),
  minutes: z.number(),
  baseline: numbers,
  system: numbers,
});

const FILE = "outcome.json";

const timeSchema = z.object({ minutes: z.number().nonnegative() });

const TIME_FILE = "time.json";

/** Runs a seed, or reads what an earlier run of the same setting found. */
export async function seedOutcome(
  reproduction: Reproduction,
  context: SeedContext,
): Promise<SeedOutcome> {
  const setting = reproduction.setting(context.quick);
  const found = await readOutcome(context.folder, setting);
  if (found) return found;
  await mkdir(context.folder, { recursive: true });
  const { baseline, system } = await timed(context.folder, () => reproduction.run(context));
  const outcome: SeedOutcome = {
    minutes: await minutesOf(context.folder),
    baseline: withoutPictures(baseline),
    system: withoutPictures(system),
  };
  await writeSheet(baseline, join(context.folder, "baseline.png"));
  await writeSheet(system, join(context.folder, "system.png"));
  // last, because it says that all of the seed is there
  await writeWhole(join(context.folder, FILE), JSON.stringify({ setting, ...outcome }, null, 2));
  return outcome;
}

/** Adds the time to that of earlier parts of the run, whether it ends or is stopped. */
async function timed<R>(folder: string, run: () => Promise<R>): Promise<R> {
  const before = await minutesOf(folder);
  const began = performance.now();
  try {
    return await run();
  } finally {
    const minutes = before + (performance.now() - began) / 60_000;
    await writeWhole(join(folder, TIME_FILE), JSON.stringify({ minutes }));
  }
}

/** What all parts of the run have taken; one that was killed is missing. */
async function minutesOf(folder: string): Promise<number> {
  const found = await readJson(join(folder, TIME_FILE), timeSchema).catch(() => null);
  return found?.minutes ?? 0;
}

async function readOutcome(folder: string, setting: Setting): Promise<SeedOutcome | null> {
  const found = await readJson(join(folder, FILE), schema).catch(() => null);
  return found && sameSetting(found.setting, setting) ? found : null;
}

function sameSetting(a: Setting, b: Setting): boolean {
  const text = (setting: Setting) => JSON.stringify(Object.entries(setting).sort());
  return text(a) === text(b);
}

function withoutPictures({ values, curve }: Arm): Numbers {
  return { values, ...(curve && { curve }) };
}

async function writeSheet({ pictures }: Arm, path: string): Promise<void> {
  if (pictures.length > 0) await writePicture(grid(pictures), path);
}
