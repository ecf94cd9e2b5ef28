/**
 * Classifier-free guidance over the steps of a generation.
 *
 * The guidance scale s always means guided = u + s·(c − u), with c the conditional and u the null
 * branch: 1 is off, 0 ignores the condition. VAR writes (1 + t)·c − t·u instead, which is s = 1 + t.
 *
 * Axes: K steps, k = 0 … K − 1, progress r = k / (K − 1).
 */
import { ConfigError } from "../errors.ts";

/** A guidance scale for each step, as data that a recipe can store. */
export type GuidanceSchedule =
  | { readonly name: "constant"; readonly scale: number }
  | {
      readonly name: "linear-ramp";
      readonly from: number;
      readonly to: number;
      readonly over?: number;
    }
  | { readonly name: "cosine"; readonly from: number; readonly to: number }
  | { readonly name: "step"; readonly from: number; readonly to: number; readonly at: number }
  | { readonly name: "until"; readonly scale: number; readonly steps: number }
  | { readonly name: "per-step"; readonly scales: readonly number[] }
  | { readonly name: "revealed"; readonly to: number };

/** The same scale at every step. */
export function constant(scale: number): GuidanceSchedule {
  return { name: "constant", scale };
}

/**
 * From `from` at the first step to `to` at the last, in equal steps.
 *
 * VAR's `cfg` t is `linearRamp({ from: 1, to: 1 + t })`: the first scale unguided, the last in full.
 *
 * @param over ends the ramp after at most this many steps and lets it run on past `to`
 *   (FlexVAR: r = k / min(K − 1, 9)).
 */
export function linearRamp(ramp: { from: number; to: number; over?: number }): GuidanceSchedule {
  return { name: "linear-ramp", ...ramp };
}

/** From `from` to `to` along half a cosine: slow, fast, slow. */
export function cosine({ from, to }: { from: number; to: number }): GuidanceSchedule {
  return { name: "cosine", from, to };
}

/** `from` before progress `at` (0 … 1), `to` from there on. */
export function step(jump: { from: number; to: number; at: number }): GuidanceSchedule {
  return { name: "step", ...jump };
}

/**
 * 1 + (to − 1)·q, where q is the share of tokens that are no longer hidden once the step is done (MAR's
 * `linear`, of which the last hidden token is left out: `to` itself is not reached).
 */
export function revealed(to: number): GuidanceSchedule {
  return { name: "revealed", to };
}

/**
 * The scale for the first so many steps, then off. LlamaGen's `cfg_interval` i, which does not count
 * the first token, is `until({ scale, steps: i + 2 })`.
 */
export function until({ scale, steps }: { scale: number; steps: number }): GuidanceSchedule {
  return { name: "until", scale, steps };
}

/** One scale per step, listed. */
export function perStep(scales: readonly number[]): GuidanceSchedule {
  return { name: "per-step", scales };
}

/**
 * The guidance scale of step `index` (from 0) of `steps`.
 *
 * Of a single step r is 1: it is the last one, and gets the scale that the user asked for.
 *
 * @param counts how many tokens each step predicts, where that may differ; by default equally many.
 * @throws ConfigError if a per-step list has another length.
 */
export function guidanceAt(
  schedule: GuidanceSchedule,
  index: number,
  steps: number,
  counts: readonly number[] = new Array(steps).fill(1),
): number {
  switch (schedule.name) {
    case "constant":
      return schedule.scale;
    case "linear-ramp":
      return mix(schedule, progress(index, Math.min(steps - 1, schedule.over ?? Infinity)));
    case "cosine":
      return mix(schedule, (1 - Math.cos(Math.PI * progress(index, steps - 1))) / 2);
    case "step":
      return progress(index, steps - 1) < schedule.at ? schedule.from : schedule.to;
    case "until":
      return index < schedule.steps ? schedule.scale : 1;
    case "per-step":
      return listed(schedule.scales, index, steps);
    case "revealed":
      return 1 + (schedule.to - 1) * revealedShare(counts, index);
  }
}

/** Whether any step needs the null branch, which doubles the work of a step. */
export function isGuided(schedule: GuidanceSchedule, steps: number): boolean {
  if (schedule.name === "revealed") return schedule.to !== 1;
  return Array.from({ length: steps }, (_, k) => guidanceAt(schedule, k, steps)).some(
    (scale) => scale !== 1,
  );
}

function progress(index: number, last: number): number {
  return last <= 0 ? 1 : index / last;
}

// ends are met exactly, so that a scale of 1 is exactly off
function mix({ from, to }: { from: number; to: number }, r: number): number {
  return r === 1 ? to : from + (to - from) * r;
}

// the released code counts one token as hidden after the last step as well
function revealedShare(counts: readonly number[], index: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shown = counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(shown, total - 1) / total;
}

function listed(scales: readonly number[], index: number, steps: number): number {
  const scale = scales[index];
  if (scales.length === steps && scale !== undefined) return scale;
  throw new ConfigError({
    where: "guidance",
    expected: `one scale for each of ${steps} steps`,
    got: `${scales.length} scales`,
  });
}

/** The same shape of schedule with another final scale: what `--guidance` sets. */
export function withScale(schedule: GuidanceSchedule, scale: number): GuidanceSchedule {
  switch (schedule.name) {
    case "constant":
    case "until":
      return { ...schedule, scale };
    case "per-step":
      return constant(scale);
    default:
      return { ...schedule, to: scale };
  }
}
