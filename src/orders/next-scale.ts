/**
 * Next-scale prediction: one step per token map, coarse to fine, all tokens of a map at once
 * (VAR, arXiv:2404.02905, §3.2).
 *
 * Axes: K scales · L = Σ pₖ² tokens. Inside a map positions are row-major, which is an index only:
 * no token of a map waits for another.
 */
import type { Order, Step, StepInput } from "./order.ts";
import { levels } from "./order.ts";
import { offsets, requireSchedule, type ScaleSchedule, tokenCount } from "./scale-schedule.ts";

export { levels };

export interface NextScaleOptions {
  /**
   * `block-causal`: a token sees its own map and all coarser ones (VAR).
   * `block-diagonal`: a token sees its own map only (HMAR); the coarser ones reach it by its input.
   */
  readonly attention: "block-causal" | "block-diagonal";
  /** What every map after the first is predicted from. */
  readonly input: Extract<StepInput, "reconstruction" | "previous-map">;
}

/**
 * The order of a scale schedule: K steps over L positions.
 *
 * @throws ConfigError if the schedule does not grow.
 */
export function nextScale(schedule: ScaleSchedule, options: NextScaleOptions): Order {
  requireSchedule(schedule);
  const starts = offsets(schedule);
  const steps = schedule.map(
    ({ height, width }, k): Step => ({
      start: starts[k]!,
      count: height * width,
      input: k === 0 ? "start" : options.input,
    }),
  );
  const level = levelsOf(steps, tokenCount(schedule));
  const visible =
    options.attention === "block-causal"
      ? (query: number, key: number) => level[key]! <= level[query]!
      : (query: number, key: number) => level[key] === level[query];
  return {
    name: `next-scale (${options.attention})`,
    steps,
    tokenCount: level.length,
    visible,
  };
}

function levelsOf(steps: readonly Step[], count: number): Int32Array {
  return levels({ name: "", steps, tokenCount: count, visible: () => false });
}
