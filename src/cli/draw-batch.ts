/**
 * Draws pictures one after the other and writes each as soon as it is finished. Loads sharp: commands
 * import it when they run.
 */
import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Picture } from "../images/picture.ts";
import { type PictureFormat, writePicture } from "../images/write.ts";
import type { Drawing, Model, ModelStep } from "../systems/model.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { framePaths, writeFrames } from "./frames.ts";
import { outputPaths, type PictureFacts } from "./output-paths.ts";

export interface DrawJob {
  /** What its file is named after. */
  readonly facts: PictureFacts;
  draw(onStep: (step: ModelStep) => Promise<void>): Promise<Drawing>;
}

export interface BatchOptions {
  /** Prediction steps of one picture. */
  readonly steps: number;
  readonly output?: string | undefined;
  readonly format?: PictureFormat | undefined;
  readonly force: boolean;
  readonly frames: boolean;
  /** Whether files carry their recipe. */
  readonly metadata: boolean;
}

export interface DrawnFile {
  readonly file: string;
  readonly seed: number;
  readonly prompt?: string;
  readonly classLabel?: string;
  /** Strip and animation. */
  readonly frames?: readonly string[];
}

export interface Batch {
  readonly pictures: readonly DrawnFile[];
  readonly seconds: number;
  /** Stopped by Ctrl-C before the last picture. */
  readonly stopped: boolean;
}

/** @throws ConfigError if the output's name makes no sense; whatever `draw` throws. */
export async function drawBatch(
  { terminal, signal }: CommandContext,
  jobs: readonly DrawJob[],
  options: BatchOptions,
): Promise<Batch> {
  const paths = batchPaths(jobs, options);
  for (const folder of new Set(paths.map(dirname))) await mkdir(folder, { recursive: true });
  const total = jobs.length * options.steps;
  const progress = terminal.progress({ label: "drawing", total, unit: "steps" });
  const start = performance.now();
  const pictures: DrawnFile[] = [];
  try {
    for (const [i, job] of jobs.entries()) {
      const seen: Picture[] = [];
      const { picture, recipe } = await job.draw(async (step) => {
        if (options.frames) seen.push(await step.picture());
        progress.update(i * options.steps + step.step + 1);
      });
      const file = paths[i]!;
      const kept = options.metadata ? { recipe } : {};
      await writePicture(picture, file, kept);
      const frames = options.frames
        ? // the last step's picture is the result, which an edit has still changed
          await writeFrames(file, [...seen.slice(0, -1), picture], kept)
        : undefined;
      pictures.push({
        file,
        seed: recipe.seed,
        ...(recipe.prompt !== undefined && { prompt: recipe.prompt }),
        ...(recipe.classLabel !== undefined && { classLabel: recipe.classLabel }),
        ...(frames && { frames }),
      });
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    terminal.note(`stopped: ${pictures.length} of ${jobs.length} pictures are written`);
  } finally {
    progress.stop();
  }
  const seconds = Math.round(performance.now() - start) / 1000;
  return { pictures, seconds, stopped: pictures.length < jobs.length };
}

/** Every file that the batch wrote. */
export function filesOf({ pictures }: Batch): string[] {
  return pictures.flatMap(({ file, frames = [] }) => [file, ...frames]);
}

/** "4 pictures · 8 steps · 1.9 s · seed 7". */
export function batchWords({ pictures, seconds }: Batch, steps: number, seed: number): string {
  const count = `${pictures.length} ${pictures.length === 1 ? "picture" : "pictures"}`;
  return [count, `${steps} steps`, `${seconds.toFixed(1)} s`, `seed ${seed}`].join(" · ");
}

function batchPaths(jobs: readonly DrawJob[], options: BatchOptions): string[] {
  const { output, format, force, frames } = options;
  return outputPaths({
    output,
    pictures: jobs.map(({ facts }) => facts),
    formats: format ? endings[format] : Object.values(endings).flat(),
    force,
    exists: (path) => [path, ...(frames ? framePaths(path) : [])].some((each) => existsSync(each)),
    isFolder: (path) => existsSync(path) && statSync(path).isDirectory(),
  });
}

const endings: Readonly<Record<PictureFormat, readonly string[]>> = {
  png: ["png"],
  jpeg: ["jpg", "jpeg"],
  webp: ["webp"],
};

/** What a command that drew leaves on stdout. */
export function batchResult(batch: Batch, { facts }: Model, seed: number): CommandResult {
  const files = filesOf(batch);
  return {
    data: {
      model: facts.name,
      system: facts.system,
      seed,
      seconds: batch.seconds,
      files,
      pictures: batch.pictures,
      ...(batch.stopped && { stopped: true }),
    },
    text: files.join("\n"),
  };
}
