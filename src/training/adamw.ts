/**
 * AdamW (Loshchilov & Hutter 2019) as a graph that updates its state in place, with clipping by
 * global norm and an exponential average of the parameters.
 *
 * Moments are kept without their constant factors, m̃ ← β₁m̃ + g and ṽ ← β₂ṽ + g²; the factors and
 * bias corrections are folded into two scalars outside the graph, which saves three passes over
 * every parameter (ENGINE 7):
 *
 *   p ← keep·p − rate·m̃ / (√ṽ + ε′)
 */
import type { Tensor } from "../graph/node.ts";
import { add, divide, minimum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { sumOfSquares } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { sqrt, square } from "../graph/ops/unary.ts";

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Largest global norm of the gradients; larger ones are scaled down to it. */
  readonly clipNorm: number;
  /** Keep an exponential average of the parameters. */
  readonly average: boolean;
}

export interface AdamWStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Share of the old average that is kept. */
  readonly averageKeep: number;
  /** Updates made before this one. */
  readonly updates: number;
}

/** Prefixes of the optimiser's state beside a parameter's path. */
export const slot = {
  gradient: (path: string): string => `gradient:${path}`,
  first: (path: string): string => `m:${path}`,
  second: (path: string): string => `v:${path}`,
  average: (path: string): string => `average:${path}`,
};

export interface OptimizerGraph {
  readonly outputs: Record<string, Tensor>;
  /** Result name → state name, all of them in place. */
  readonly stores: Map<string, string>;
}

/**
 * Its input `gradientNorm` is known before: an update whose norm is not a number is not made at all.
 *
 * @param parameters path → parameter tensor; `decays` says which ones weight decay applies to.
 */
export function adamW(
  parameters: ReadonlyMap<string, Tensor>,
  decays: (path: string) => boolean,
  { beta1, beta2, clipNorm, average }: AdamWOptions,
): OptimizerGraph {
  const scalarInput = (name: string) => input(name, "float32", []);
  const rate = scalarInput("rate");
  const epsilon = scalarInput("epsilon");
  const keep = scalarInput("keep");
  const averageKeep = scalarInput("averageKeep");
  const gradients = new Map(
    [...parameters].map(([path, p]) => [path, input(slot.gradient(path), "float32", p.shape)]),
  );
  const norm = scalarInput("gradientNorm");
  const factor = minimum(divide(clipNorm, add(norm, 1e-6)), 1);
  const outputs: Record<string, Tensor> = {};
  const stores = new Map<string, string>();
  const store = (name: string, tensor: Tensor) => {
    outputs[`new ${name}`] = tensor;
    stores.set(`new ${name}`, name);
  };
  for (const [path, p] of parameters) {
    const state = (name: string) => input(name, "float32", p.shape);
    const g = multiply(gradients.get(path)!, factor);
    const m = add(multiply(state(slot.first(path)), beta1), g);
    const v = add(multiply(state(slot.second(path)), beta2), square(g));
    const change = divide(multiply(m, rate), add(sqrt(v), epsilon));
    const next = subtract(decays(path) ? multiply(p, keep) : p, change);
    store(slot.first(path), m);
    store(slot.second(path), v);
    store(path, next);
    if (average) {
      const before = multiply(state(slot.average(path)), averageKeep);
      store(slot.average(path), add(before, multiply(next, subtract(1, averageKeep))));
    }
  }
  return { outputs, stores };
}

/** The global norm of the gradients that lie in the state. */
export function gradientNorm(parameters: ReadonlyMap<string, Tensor>): Tensor {
  const squares = [...parameters].map(([path, { shape }]) =>
    reshape(sumOfSquares(input(slot.gradient(path), "float32", shape)), []),
  );
  return sqrt(squares.reduce((a, b) => add(a, b)));
}

/** The scalars of one step: rate, ε′ and the factors, with the bias corrections folded in. */
export function adamWFeeds(
  { beta1, beta2, epsilon }: AdamWOptions,
  { learningRate, weightDecay, averageKeep, updates }: AdamWStep,
): Record<string, Float32Array> {
  const t = updates + 1;
  const first = (1 - beta1) / (1 - beta1 ** t);
  const second = Math.sqrt((1 - beta2) / (1 - beta2 ** t));
  return {
    rate: Float32Array.of((learningRate * first) / second),
    epsilon: Float32Array.of(epsilon / second),
    keep: Float32Array.of(1 - learningRate * weightDecay),
    averageKeep: Float32Array.of(averageKeep),
  };
}
