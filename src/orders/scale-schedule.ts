/**
 * Scale schedules: the sizes of the token maps of an image, coarse to fine.
 *
 * Axes: K scales · L = Σ pₖ² tokens. Papers and released code call the list of sides `patch_nums`.
 */
import { ConfigError } from "../errors.ts";

/** One token map, in tokens. */
export interface Scale {
  readonly height: number;
  readonly width: number;
}

/** The token maps of an image, coarse to fine; the last one has the size of the latent. */
export type ScaleSchedule = readonly Scale[];

/** Square maps from their sides: `squareScales([1, 2, 3])`. */
export function squareScales(sides: readonly number[]): ScaleSchedule {
  return sides.map((side) => ({ height: side, width: side }));
}

/** VAR's schedules, named by the picture's side in pixels (16 pixels per token). */
export const scaleSchedules: Readonly<Record<"256" | "512" | "1024", ScaleSchedule>> = {
  "256": squareScales([1, 2, 3, 4, 5, 6, 8, 10, 13, 16]),
  "512": squareScales([1, 2, 3, 4, 6, 9, 13, 18, 24, 32]),
  // listed in VAR's code, no weights were released for it
  "1024": squareScales([1, 2, 3, 4, 5, 7, 9, 12, 16, 21, 27, 36, 48, 64]),
};

/** L, the number of tokens of all maps together. */
export function tokenCount(schedule: ScaleSchedule): number {
  return schedule.reduce((sum, { height, width }) => sum + height * width, 0);
}

/** Where each map starts in the token sequence, and at the end L: K + 1 numbers. */
export function offsets(schedule: ScaleSchedule): number[] {
  const starts = [0];
  for (const { height, width } of schedule) starts.push(starts.at(-1)! + height * width);
  return starts;
}

export interface ScheduleDemands {
  /** The option or part that a complaint names. */
  readonly where?: string;
  /** The latent's size, which the last map must have. */
  readonly latent?: Scale;
}

/**
 * Checks that a schedule has whole positive sizes and grows from map to map.
 *
 * A map may keep one side of the map before it (1×2 after 1×1), but must have more tokens.
 *
 * @throws ConfigError that lists every fault at once.
 */
export function requireSchedule(
  schedule: ScaleSchedule,
  { where = "scales", latent }: ScheduleDemands = {},
): void {
  const faults = scheduleFaults(schedule, latent);
  if (faults.length === 0) return;
  const rule = latent ? `growing sizes that end in ${text(latent)}` : "growing sizes";
  throw new ConfigError({
    where,
    expected: rule,
    got: schedule.length === 0 ? "none" : schedule.map(text).join(" "),
    hint: `${faults.join("; ")}.`,
  });
}

function scheduleFaults(schedule: ScaleSchedule, latent: Scale | undefined): string[] {
  const last = schedule.at(-1);
  if (!last) return ["At least one map is needed"];
  const faults: string[] = [];
  for (const [k, scale] of schedule.entries()) {
    const name = `Map ${k} (${text(scale)})`;
    if (!isSize(scale.height) || !isSize(scale.width)) faults.push(`${name} is no whole size`);
    const before = schedule[k - 1];
    if (before && !grows(before, scale)) faults.push(`${name} does not grow from ${text(before)}`);
  }
  if (latent && (last.height !== latent.height || last.width !== latent.width)) {
    faults.push(`The last map must be as large as the latent, ${text(latent)}`);
  }
  return faults;
}

function isSize(side: number): boolean {
  return Number.isSafeInteger(side) && side > 0;
}

function grows(before: Scale, after: Scale): boolean {
  const shrinks = after.height < before.height || after.width < before.width;
  return !shrinks && after.height * after.width > before.height * before.width;
}

function text({ height, width }: Scale): string {
  return `${height}×${width}`;
}
