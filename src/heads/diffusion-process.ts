/**
 * Steps of a diffusion process in a graph, each token at a time of its own (sheet mar, "Diffusion
 * process").
 *
 * Axes: N tokens · C token channels · T times of the schedule
 */
import type { Tensor } from "../graph/node.ts";
import { add, maximum, minimum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { constant } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import type { Denoised } from "./diffusion-mlp.ts";
import { type DiffusionSchedule, stepCoefficients } from "./diffusion-schedule.ts";

/** What `stepCoefficients` says of the times of N tokens, or of one for all: [N, 1] or [1, 1]. */
export interface Times {
  /** x_t = keep·x₀ + spread·ε */
  readonly keep: Tensor;
  readonly spread: Tensor;
  /** x̂₀ = fromNoisy·x_t − fromNoise·ε */
  readonly fromNoisy: Tensor;
  readonly fromNoise: Tensor;
  /** Mean of the step back = meanStart·x₀ + meanNoisy·x_t */
  readonly meanStart: Tensor;
  readonly meanNoisy: Tensor;
  /** Bounds of its log variance. */
  readonly least: Tensor;
  readonly most: Tensor;
  /** 1 at t = 0, else 0. */
  readonly first: Tensor;
}

const COLUMNS = [
  "keep",
  "spread",
  "fromNoisy",
  "fromNoise",
  "meanStart",
  "meanNoisy",
  "least",
  "most",
  "first",
] as const satisfies readonly (keyof Times)[];

/** @param t index into the schedule, int32 [N] or [1]. */
export function timesAt(schedule: DiffusionSchedule, t: Tensor): Times {
  const steps = schedule.betas.length;
  const values = Array.from({ length: steps }, (_, step) => rowOf(schedule, step)).flat();
  const rows = lookup(constant(Float32Array.from(values), [steps, COLUMNS.length]), t);
  const columns = COLUMNS.map((name, i) => [name, slice(rows, 1, i, i + 1)]);
  return Object.fromEntries(columns) as Record<keyof Times, Tensor>;
}

function rowOf(schedule: DiffusionSchedule, t: number): number[] {
  const { fromNoisy, mean, logVariance } = stepCoefficients(schedule, t);
  const left = schedule.signal[t]!;
  const row: Record<keyof Times, number> = {
    keep: Math.sqrt(left),
    spread: Math.sqrt(1 - left),
    fromNoisy: fromNoisy.signal,
    fromNoise: fromNoisy.noise,
    meanStart: mean.start,
    meanNoisy: mean.noisy,
    least: logVariance.least,
    most: logVariance.most,
    first: t === 0 ? 1 : 0,
  };
  return COLUMNS.map((name) => row[name]);
}

/** x_t of tokens x₀ and standard normal noise, all [N, C]. */
export function addNoise(tokens: Tensor, noise: Tensor, { keep, spread }: Times): Tensor {
  return add(multiply(tokens, keep), multiply(noise, spread));
}

export interface Gaussian {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

/** Mean of q(x_{t−1} | x_t, x₀). */
export function posteriorMean(start: Tensor, noisy: Tensor, at: Times): Tensor {
  return add(multiply(start, at.meanStart), multiply(noisy, at.meanNoisy));
}

/**
 * The step back from x_t that a denoiser describes, all [N, C].
 *
 * @param clip the largest |x̂₀|; unlimited unless given.
 */
export function stepBack(
  noisy: Tensor,
  { noise, variance }: Denoised,
  at: Times,
  clip?: number,
): Gaussian {
  const free = subtract(multiply(noisy, at.fromNoisy), multiply(noise, at.fromNoise));
  const start = clip === undefined ? free : minimum(maximum(free, -clip), clip);
  const share = multiply(add(variance, 1), 0.5);
  return {
    mean: posteriorMean(start, noisy, at),
    logVariance: add(multiply(share, at.most), multiply(subtract(1, share), at.least)),
  };
}
