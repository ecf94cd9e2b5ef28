/**
 * How learning rate, weight decay and averaging change over a training run: data, and one pure function
 * each. They are inputs of the compiled step, so nothing is recompiled.
 *
 * Steps count from 0 to `steps` − 1; the last step meets the end of a schedule exactly.
 */

/** A factor on the base learning rate. */
export type LearningRateSchedule =
  | ({ readonly name: "constant" } & Warmup)
  | ({ readonly name: "cosine"; readonly end: number } & Warmup)
  | ({ readonly name: "linear"; readonly flat: number; readonly end: number } & Warmup);

/** A stretch at the beginning of a run: in steps, or as a share of the run. */
export type Extent = { readonly steps: number } | { readonly share: number };

/** How many steps of a run a stretch is. */
export function stepsOf(extent: Extent, steps: number): number {
  return "steps" in extent ? extent.steps : Math.round(extent.share * steps);
}

/** A linear rise from `warmupStart` to 1 over the first `warmupSteps` (or that share of the run). */
export interface Warmup {
  readonly warmup: Extent;
  readonly warmupStart: number;
}

const noWarmup: Warmup = { warmup: { steps: 0 }, warmupStart: 0 };

/** The base learning rate throughout, after a warm-up if one is given. */
export function constantRate(warmup: Partial<Warmup> = {}): LearningRateSchedule {
  return { name: "constant", ...noWarmup, ...warmup };
}

/** Half a cosine from 1 down to `end`, after the warm-up. */
export function cosineRate(options: Partial<Warmup> & { end?: number } = {}): LearningRateSchedule {
  return { name: "cosine", end: 0, ...noWarmup, ...options };
}

/** Flat for the share `flat` of what follows the warm-up, then straight down to `end`. */
export function linearRate(
  options: Partial<Warmup> & { flat?: number; end?: number } = {},
): LearningRateSchedule {
  return { name: "linear", flat: 0, end: 0, ...noWarmup, ...options };
}

/**
 * VAR's schedule "lin0": warm-up over a fiftieth of the run from 0.005 to 1, flat for 5 %, then straight
 * down to `end` (the sheet's wpe).
 */
export function lin0({ end }: { end: number }): LearningRateSchedule {
  return linearRate({ warmup: { share: 1 / 50 }, warmupStart: 0.005, flat: 0.05, end });
}

/** The factor on the base learning rate at step `step` of `steps`. */
export function learningRateAt(
  schedule: LearningRateSchedule,
  step: number,
  steps: number,
): number {
  const warmupSteps = stepsOf(schedule.warmup, steps);
  if (step < warmupSteps) {
    const { warmupStart } = schedule;
    return warmupStart + ((1 - warmupStart) * step) / warmupSteps;
  }
  const u = progress(step - warmupSteps, steps - 1 - warmupSteps);
  switch (schedule.name) {
    case "constant":
      return 1;
    case "cosine":
      return schedule.end + (1 - schedule.end) * halfCosine(u);
    case "linear":
      if (u <= schedule.flat) return 1;
      return schedule.end + ((1 - schedule.end) * (1 - u)) / (1 - schedule.flat);
  }
}

/** VAR's rule for batches of another size: base · batch / 256 · accumulated batches. */
export function scaledLearningRate(base: number, batch: number, accumulation = 1): number {
  return (base * batch * accumulation) / 256;
}

/** Weight decay: constant where both ends are equal, half a cosine over the whole run elsewhere. */
export interface WeightDecaySchedule {
  readonly from: number;
  readonly to: number;
}

/** The weight decay at step `step` of `steps`. */
export function weightDecayAt(
  { from, to }: WeightDecaySchedule,
  step: number,
  steps: number,
): number {
  return to + (from - to) * halfCosine(progress(step, steps - 1));
}

/** Averaging of weights (EMA): average ← decay · average + (1 − decay) · weights. */
export interface AveragingSchedule {
  readonly decay: number;
  /**
   * Starts at (1 + n) / (10 + n) after n updates and grows to `decay`, so that the random start is
   * forgotten at once; without it the decay is constant.
   */
  readonly warmup: boolean;
}

/** The decay of the average at update `step` (from 0). */
export function averagingDecayAt({ decay, warmup }: AveragingSchedule, step: number): number {
  return warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay;
}

function progress(done: number, all: number): number {
  return all <= 0 ? 1 : Math.min(done / all, 1);
}

/** 1 at the start, 0 at the end. */
function halfCosine(u: number): number {
  return 0.5 + 0.5 * Math.cos(Math.PI * u);
}
