/**
 * The diffusion loss of MAR (arXiv:2406.11838, §3.2; hybrid of Nichol & Dhariwal 2021, §3.1): mean
 * squared error of the noise, and the variational bound, which trains the variance alone.
 *
 * Axes: N tokens · C token channels · W width of the MLP
 */
import type { Tensor } from "../graph/node.ts";
import { add, maximum, multiply, negate, subtract } from "../graph/ops/arithmetic.ts";
import { less } from "../graph/ops/compare.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { mean } from "../graph/ops/reduce.ts";
import { where } from "../graph/ops/select.ts";
import { stopGradient } from "../graph/ops/stop-gradient.ts";
import { exp, log, square, tanh } from "../graph/ops/unary.ts";
import type { DiffusionMlp } from "./diffusion-mlp.ts";
import {
  addNoise,
  type Gaussian,
  posteriorMean,
  stepBack,
  type Times,
  timesAt,
} from "./diffusion-process.ts";
import type { DiffusionSchedule } from "./diffusion-schedule.ts";

export interface DiffusionExample {
  /** x₀ [N, C] */
  readonly tokens: Tensor;
  /** What the head's `condition` makes of the predictor's vectors, [N, W]. */
  readonly condition: Tensor;
  /** Times, int32 [N]. */
  readonly times: Tensor;
  /** Standard normal [N, C]. */
  readonly noise: Tensor;
}

/** Per token, [N, 1]: loss = squaredError + bound. */
export interface DiffusionLoss {
  readonly loss: Tensor;
  readonly squaredError: Tensor;
  /** In bits per number. */
  readonly bound: Tensor;
}

export function diffusionLoss(
  head: Pick<DiffusionMlp, "times" | "denoise">,
  schedule: DiffusionSchedule,
  { tokens, condition, times, noise }: DiffusionExample,
): DiffusionLoss {
  const at = timesAt(schedule, times);
  const noisy = addNoise(tokens, noise, at);
  const steering = add(lookup(head.times(schedule.timesteps), times), condition);
  const denoised = head.denoise(noisy, steering);
  const squaredError = mean(square(subtract(noise, denoised.noise)), -1);
  const frozen = { ...denoised, noise: stopGradient(denoised.noise) };
  const bound = boundOf(tokens, noisy, stepBack(noisy, frozen, at), at);
  return { loss: add(squaredError, bound), squaredError, bound };
}

/** KL(q(x_{t−1} | x_t, x₀) ‖ p) for t > 0, and −log p(x₀ | x₁) at t = 0. */
function boundOf(tokens: Tensor, noisy: Tensor, step: Gaussian, at: Times): Tensor {
  const truth = { mean: posteriorMean(tokens, noisy, at), logVariance: at.least };
  const later = divergence(truth, step);
  const first = negate(discretizedLogLikelihood(tokens, step));
  const nats = add(multiply(first, at.first), multiply(later, subtract(1, at.first)));
  return multiply(mean(nats, -1), 1 / Math.LN2);
}

/** ½·(log σ₂² − log σ₁² − 1 + σ₁² / σ₂² + (μ₁ − μ₂)² / σ₂²) */
function divergence(a: Gaussian, b: Gaussian): Tensor {
  const ratio = exp(subtract(a.logVariance, b.logVariance));
  const distance = multiply(square(subtract(a.mean, b.mean)), exp(negate(b.logVariance)));
  const logs = subtract(subtract(b.logVariance, a.logVariance), 1);
  return multiply(add(add(logs, ratio), distance), 0.5);
}

/** Half the width of a level of 8-bit pixels in [−1, 1]: kept for latents, as released. */
const HALF_LEVEL = 1 / 255;
/** Values beyond have the whole tail. */
const TAIL = 0.999;
const SMALLEST = 1e-12;

/** log of the mass that a normal distribution has within half a level around x. */
function discretizedLogLikelihood(x: Tensor, { mean: centre, logVariance }: Gaussian): Tensor {
  const distance = subtract(x, centre);
  const precision = exp(multiply(logVariance, -0.5));
  const below = normalCdf(multiply(add(distance, HALF_LEVEL), precision));
  const under = normalCdf(multiply(subtract(distance, HALF_LEVEL), precision));
  const safeLog = (mass: Tensor) => log(maximum(mass, SMALLEST));
  const inside = where(less(TAIL, x), safeLog(subtract(1, under)), safeLog(subtract(below, under)));
  return where(less(x, -TAIL), safeLog(below), inside);
}

/** The tanh form of the normal distribution, as in GELU. */
function normalCdf(x: Tensor): Tensor {
  const inner = multiply(
    add(x, multiply(multiply(square(x), x), 0.044715)),
    Math.sqrt(2 / Math.PI),
  );
  return multiply(add(tanh(inner), 1), 0.5);
}
