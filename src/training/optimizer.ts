/**
 * The optimiser as a graph that updates its state in place: clipping by global norm, AdamW or Muon for
 * each parameter, decoupled weight decay, and an exponential average of the parameters.
 *
 *   p ← keep·p − change
 */
import type { Tensor } from "../graph/node.ts";
import { add, divide, minimum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { sumOfSquares } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { sqrt } from "../graph/ops/unary.ts";
import { type AdamWOptions, adamWChange, adamWScalars } from "./adamw.ts";
import { type MuonOptions, muonChange } from "./muon.ts";

export interface OptimizerOptions extends AdamWOptions {
  /** For hidden matrices in AdamW's place. */
  readonly muon?: MuonOptions;
  /** Largest global norm of the gradients; larger ones are scaled down to it. */
  readonly clipNorm: number;
  /** Keep an exponential average of the parameters. */
  readonly average: boolean;
}

export interface OptimizerStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Share of the old average that is kept. */
  readonly averageKeep: number;
  /** Updates made before this one. */
  readonly updates: number;
}

/** What happens to a parameter. */
export interface UpdateRule {
  /** Whether weight decay applies. */
  readonly decays: boolean;
  /** Whether Muon updates it, not AdamW. */
  readonly muon: boolean;
}

/** Prefixes of the optimiser's state beside a parameter's path. */
export const slot = {
  gradient: (path: string): string => `gradient:${path}`,
  first: (path: string): string => `m:${path}`,
  /** Of AdamW only; zeros elsewhere. */
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
 * @param parameters path → parameter tensor.
 */
export function optimizer(
  parameters: ReadonlyMap<string, Tensor>,
  ruleOf: (path: string) => UpdateRule,
  options: OptimizerOptions,
): OptimizerGraph {
  const scalarInput = (name: string) => input(name, "float32", []);
  const scalars = { rate: scalarInput("rate"), epsilon: scalarInput("epsilon") };
  const muonRate = scalarInput("muonRate");
  const keep = scalarInput("keep");
  const averageKeep = scalarInput("averageKeep");
  const norm = scalarInput("gradientNorm");
  const factor = minimum(divide(options.clipNorm, add(norm, 1e-6)), 1);
  const outputs: Record<string, Tensor> = {};
  const stores = new Map<string, string>();
  const store = (name: string, tensor: Tensor) => {
    outputs[`new ${name}`] = tensor;
    stores.set(`new ${name}`, name);
  };
  for (const [path, p] of parameters) {
    const state = (name: string) => input(name, "float32", p.shape);
    const { decays, muon } = ruleOf(path);
    const gradient = multiply(state(slot.gradient(path)), factor);
    const first = state(slot.first(path));
    let change: Tensor;
    if (muon && options.muon) {
      const update = muonChange(gradient, first, muonRate, options.muon);
      change = update.change;
      store(slot.first(path), update.momentum);
    } else {
      const second = state(slot.second(path));
      const update = adamWChange(gradient, { first, second }, scalars, options);
      change = update.change;
      store(slot.first(path), update.first);
      store(slot.second(path), update.second);
    }
    const next = subtract(decays ? multiply(p, keep) : p, change);
    store(path, next);
    if (options.average) {
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

/** The scalars of one step. */
export function optimizerFeeds(
  options: OptimizerOptions,
  { learningRate, weightDecay, averageKeep, updates }: OptimizerStep,
): Record<string, Float32Array> {
  const { rate, epsilon } = adamWScalars(options, { learningRate, updates });
  return {
    rate: Float32Array.of(rate),
    epsilon: Float32Array.of(epsilon),
    ...(options.muon && { muonRate: Float32Array.of(learningRate) }),
    keep: Float32Array.of(1 - learningRate * weightDecay),
    averageKeep: Float32Array.of(averageKeep),
  };
}
