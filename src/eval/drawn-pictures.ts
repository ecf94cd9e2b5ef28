/**
 * Pictures that are drawn to be measured or learned, kept in a folder: a run that was stopped goes on where it
 * was. The folder is a data set as any other, with what was asked for in its `metadata.jsonl`.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../checkpoints/whole-file.ts";
import { ConfigError, DataError } from "../errors.ts";
import type { Picture } from "../images/picture.ts";
import type { Recipe } from "../images/recipe.ts";
import { writePicture } from "../images/write.ts";
import type { Setting } from "./result.ts";

/** A picture, and how a model made it if one did. */
export interface DrawnPicture {
  readonly picture: Picture;
  readonly recipe?: Recipe;
}

export interface DrawingPlan {
  readonly folder: string;
  /** What shapes the pictures; a folder of other settings is refused. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** What is asked for in each picture, in words. */
  readonly captions: readonly string[];
  draw(index: number): Promise<DrawnPicture>;
}

export interface DrawingOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

const SETTINGS_FILE = "settings.json";

/**
 * Draws what the folder does not hold yet.
 *
 * @throws ConfigError if the folder holds pictures of other settings; the signal's reason if it aborts,
 * and every picture that was finished is kept.
 */
export async function drawMissing(
  { folder, settings, captions, draw }: DrawingPlan,
  { signal, onProgress }: DrawingOptions = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await requireSameSettings(folder, settings);
  const lines = captions.map((text, i) => `${JSON.stringify({ file_name: nameOf(i), text })}\n`);
  await writeWhole(join(folder, "metadata.jsonl"), lines.join(""), { error: DataError });
  for (let index = 0; index < captions.length; index++) {
    signal?.throwIfAborted();
    const path = join(folder, nameOf(index));
    if (!existsSync(path)) {
      const { picture, recipe } = await draw(index);
      await writePicture(picture, path, recipe && { recipe });
    }
    onProgress?.(index + 1);
  }
}

/** How many pictures of a plan are there already, from the first on. */
export function drawnSoFar(folder: string, count: number): number {
  let drawn = 0;
  while (drawn < count && existsSync(join(folder, nameOf(drawn)))) drawn++;
  return drawn;
}

function nameOf(index: number): string {
  return `${String(index).padStart(6, "0")}.png`;
}

async function requireSameSettings(
  folder: string,
  settings: DrawingPlan["settings"],
): Promise<void> {
  const path = join(folder, SETTINGS_FILE);
  const wanted = JSON.stringify(settings, null, 2);
  const found = await readFile(path, "utf8").catch(() => null);
  if (found?.trim() === wanted) return;
  if (found === null) {
    await writeWhole(path, `${wanted}\n`, { error: DataError });
    return;
  }
  throw new ConfigError({
    where: folder,
    expected: "pictures of these settings",
    got: `others (${differingLines(found, wanted)})`,
    hint: "Choose another folder with -o, or delete this one",
  });
}

function differingLines(found: string, wanted: string): string {
  const own = new Set(wanted.split("\n").map(bare));
  return found
    .split("\n")
    .map(bare)
    .filter((line) => line !== "" && !own.has(line))
    .join(", ");
}

function bare(line: string): string {
  return line.trim().replace(/,$/, "").replace(/[{}]/g, "");
}
