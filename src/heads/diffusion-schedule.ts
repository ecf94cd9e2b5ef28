/**
 * The noise of a diffusion process, step by step: cosine schedule, respacing, and the coefficients of
 * an ancestral step with a learned variance (Nichol & Dhariwal 2021; sheet mar, "Diffusion process").
 *
 * Everything is computed in double precision and rounded once, where a graph uses it.
 *
 * Axes: T steps of the process, t = 0 … T − 1 from the least noise to the most.
 */
import { ConfigError } from "../errors.ts";

export interface DiffusionSchedule {
  /** Noise variance β that each step adds. */
  readonly betas: Float64Array;
  /** ᾱ, the share of the signal's variance that is left after each step. */
  readonly signal: Float64Array;
  /** The network is told this number of each step: that of the process before it was respaced. */
  readonly timesteps: Int32Array;
}

/** β of the cosine schedule are not larger than this. */
const LARGEST_BETA = 0.999;

/** β_t = min(1 − ᾱ(t + 1) / ᾱ(t), 0.999) with ᾱ(s) = cos²((s / T + 0.008) / 1.008 · π/2). */
export function cosineSchedule(steps = 1000): DiffusionSchedule {
  const left = (t: number) => Math.cos(((t / steps + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  const betas = Float64Array.from({ length: steps }, (_, t) =>
    Math.min(1 - left(t + 1) / left(t), LARGEST_BETA),
  );
  return { betas, ...withSignal(betas), timesteps: Int32Array.from(betas, (_, t) => t) };
}

/**
 * The process in fewer steps: the kept ones lie a stride of (T − 1) / (count − 1) apart, rounded to
 * even, the first and the last among them.
 *
 * @throws ConfigError if `count` is not between 1 and T.
 */
export function respaced(schedule: DiffusionSchedule, count: number): DiffusionSchedule {
  const total = schedule.betas.length;
  if (!(Number.isInteger(count) && count >= 1 && count <= total)) {
    throw new ConfigError({
      where: "diffusion steps",
      expected: `a whole number from 1 to ${total}`,
      got: String(count),
    });
  }
  const kept = keptSteps(total, count);
  const betas = Float64Array.from(kept, (t, i) => {
    const before = i === 0 ? 1 : schedule.signal[kept[i - 1]!]!;
    return 1 - schedule.signal[t]! / before;
  });
  return { betas, ...withSignal(betas), timesteps: kept.map((t) => schedule.timesteps[t]!) };
}

/** What the ancestral step at t, and the variational term of the loss, multiply and add. */
export interface StepCoefficients {
  /** x̂₀ = signal·x_t − noise·ε */
  readonly fromNoisy: { readonly signal: number; readonly noise: number };
  /** Mean of q(x_{t−1} | x_t, x₀) = start·x₀ + noisy·x_t */
  readonly mean: { readonly start: number; readonly noisy: number };
  /** Bounds of the learned log σ²: ln β̃ (at t = 0 that of t = 1, which is finite) and ln β. */
  readonly logVariance: { readonly least: number; readonly most: number };
}

export function stepCoefficients(
  { betas, signal }: DiffusionSchedule,
  t: number,
): StepCoefficients {
  const beta = betas[t]!;
  const left = signal[t]!;
  const before = t === 0 ? 1 : signal[t - 1]!;
  return {
    fromNoisy: { signal: Math.sqrt(1 / left), noise: Math.sqrt(1 / left - 1) },
    mean: {
      start: (beta * Math.sqrt(before)) / (1 - left),
      noisy: ((1 - before) * Math.sqrt(1 - beta)) / (1 - left),
    },
    logVariance: {
      least: Math.log(posteriorVariance({ betas, signal }, Math.max(t, 1))),
      most: Math.log(beta),
    },
  };
}

/** β̃ = β·(1 − ᾱ_{t−1}) / (1 − ᾱ_t); of a process of one step, β itself. */
function posteriorVariance(
  { betas, signal }: Pick<DiffusionSchedule, "betas" | "signal">,
  t: number,
): number {
  if (t >= betas.length) return betas[0]!;
  return (betas[t]! * (1 - signal[t - 1]!)) / (1 - signal[t]!);
}

function withSignal(betas: Float64Array): { signal: Float64Array } {
  let left = 1;
  return {
    signal: betas.map((beta) => {
      left *= 1 - beta;
      return left;
    }),
  };
}

// the stride is added up, as the released code does, so that halves fall where they fall there
function keptSteps(total: number, count: number): Int32Array {
  const stride = count === 1 ? 1 : (total - 1) / (count - 1);
  let at = 0;
  return Int32Array.from({ length: count }, () => {
    const step = roundHalfEven(at);
    at += stride;
    return step;
  });
}

function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
