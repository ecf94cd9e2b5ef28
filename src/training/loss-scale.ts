/**
 * Dynamic loss scaling (Micikevicius et al. 2018): the loss is multiplied so that small gradients do
 * not vanish in float16; where some overflow, the step is skipped and the factor halved.
 */
import { z } from "zod";

export interface LossScale {
  readonly factor: number;
  /** Updates in a row since the factor changed. */
  readonly good: number;
  /** Updates that were left out so far. */
  readonly skipped: number;
}

/** As checkpoints hold it. */
export const lossScaleSchema: z.ZodType<LossScale> = z.object({
  factor: z.number().positive(),
  good: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
});

export const firstLossScale: LossScale = { factor: 2 ** 16, good: 0, skipped: 0 };

/** Good updates before a larger factor is tried. */
const PATIENCE = 1000;

const LARGEST = 2 ** 24;

/** @param finite whether the gradients of this update are numbers. */
export function nextLossScale({ factor, good, skipped }: LossScale, finite: boolean): LossScale {
  if (!finite) return { factor: factor / 2, good: 0, skipped: skipped + 1 };
  if (good + 1 < PATIENCE) return { factor, good: good + 1, skipped };
  return { factor: Math.min(2 * factor, LARGEST), good: 0, skipped };
}

/** Whether gradients overflow that the loss scale is not to blame for. */
export function isHopeless({ factor }: LossScale): boolean {
  return factor <= 1;
}
