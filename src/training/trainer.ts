/**
 * One training step, wholly in the engine: a gradient function, then an optimiser function that
 * updates parameters, moments and averages in place (ENGINE 7). It knows tensors, not systems.
 */

import { ConfigError } from "../errors.ts";
import { grad } from "../graph/autodiff.ts";
import type { TypedArray } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import { add, divide, multiply } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import { initialize, type ParameterSpecs, type Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile, type Feed } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import { type Layout, layOut } from "./blocks.ts";
import { firstLossScale, isHopeless, type LossScale, nextLossScale } from "./loss-scale.ts";
import {
  gradientNorm,
  type OptimizerOptions,
  type OptimizerStep,
  optimizer,
  optimizerFeeds,
  slot,
  type UpdateRule,
} from "./optimizer.ts";
import { inBlocks, updateRules } from "./update-rules.ts";

/** What is trained: a traced loss and the scope that holds its parameters. */
export interface TrainingGraph {
  readonly name: string;
  readonly scope: Scope;
  readonly loss: Tensor;
  /** Further results of every step, for reports and for the task's own bookkeeping. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Results of a batch that stay on the device, in the trainer's state under their names. */
  readonly kept?: Readonly<Record<string, Tensor>>;
  /** Parts of parameter names to which weight decay does not apply. */
  readonly decayExempt: readonly string[];
  /** Parameters in the loss that are not trained, by path; the scope may have them or not. */
  readonly frozen?: ReadonlyMap<string, Float32Array>;
  /** Whether the loss was traced with `checkpoint`. */
  readonly rematerialized?: boolean;
}

export interface TrainerOptions extends OptimizerOptions {
  readonly seed: number;
  /** Batches whose gradients are averaged for one update. */
  readonly accumulation: number;
  readonly profile?: string;
  /** Refuse to train if the device would leave a part of a step to the CPU. */
  readonly noFallback?: boolean;
}

export interface BatchResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, TypedArray>>;
}

export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
  /** What the loss was multiplied by, where gradients are float16. */
  readonly lossScale?: number;
  /** The gradients overflowed, and nothing changed but the loss scale: the next step may go well. */
  readonly skipped?: boolean;
  /** Of the last batch. */
  readonly metrics: Readonly<Record<string, TypedArray>>;
}

export type Feeds = Readonly<Record<string, Feed>>;

export class Trainer {
  readonly specs: ParameterSpecs;
  readonly state: DeviceState = new DeviceState();
  readonly #device: Device;
  readonly #options: TrainerOptions;
  #graph: TrainingGraph;
  #gradients: CompiledFunction;
  /** Functions of losses that are not followed any more. */
  readonly #left: CompiledFunction[] = [];
  readonly #norm: CompiledFunction;
  readonly #optimizer: CompiledFunction;
  #lossScale: LossScale | null;
  /** Whether values of the state are views that other views overlap: then they keep their place. */
  #shared = false;

  private constructor(
    device: Device,
    options: TrainerOptions,
    specs: ParameterSpecs,
    graph: TrainingGraph,
    gradients: CompiledFunction,
    { norm, optimizer }: Optimizer,
  ) {
    this.#device = device;
    this.#options = options;
    this.specs = specs;
    this.#graph = graph;
    this.#gradients = gradients;
    this.#norm = norm;
    this.#optimizer = optimizer;
    this.#lossScale = device.precision === "fp16" ? firstLossScale : null;
  }

  static async create(
    device: Device,
    graph: TrainingGraph,
    options: TrainerOptions,
  ): Promise<Trainer> {
    const trained = trainedOf(graph);
    const specs = new Map(trained.map(([path]) => [path, graph.scope.specs.get(path)!]));
    const ruleOf = updateRules(specs, graph.decayExempt, options);
    const layout = device.fillsArrays ? layOut(sizesOf(specs), ruleOf) : undefined;
    const gradients = await compileGradients(device, graph, options);
    const updates = layout
      ? await compileOptimizer(device, graph.name, ...inBlocks(layout, trained, ruleOf), options)
      : await compileOptimizer(device, graph.name, new Map(trained), ruleOf, options);
    const trainer = new Trainer(device, options, specs, graph, gradients, updates);
    if (layout) await trainer.#share(layout);
    await trainer.load(initialize(specs, options.seed));
    return trainer;
  }

  /** Makes one array for each slot, with every parameter and every block as a view into it. */
  async #share({ length, places, blocks }: Layout): Promise<void> {
    for (const name of slotsOf(this.#options)) {
      const all = new Float32Array(length);
      const view = async (key: string, shape: readonly number[], offset: number, count: number) => {
        const data = all.subarray(offset, offset + count);
        this.state.set(name(key), await this.#device.upload("float32", shape, data));
      };
      for (const [path, { shape }] of this.specs) {
        const { offset, length: count } = places.get(path)!;
        await view(path, shape, offset, count);
      }
      for (const block of blocks) {
        await view(block.name, [block.length], block.offset, block.length);
      }
    }
    this.#shared = true;
  }

  /** Puts parameters in place; moments start at zero and averages at the parameters' values. */
  async load(parameters: ReadonlyMap<string, Float32Array>): Promise<void> {
    const { average } = this.#options;
    for (const [path, { shape }] of this.specs) {
      const data = parameters.get(path)!;
      await this.write(path, shape, data);
      for (const name of [slot.first, slot.second, slot.gradient])
        await this.#clear(name(path), shape);
      if (average) await this.write(slot.average(path), shape, data.slice());
    }
  }

  async #clear(name: string, shape: readonly number[]): Promise<void> {
    const place = this.#shared && this.state.get(name);
    if (place) (place.tensor.data as Float32Array).fill(0);
    else await this.write(name, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  }

  /**
   * Another loss of the same parameters, which is descended from now on; nothing else changes.
   *
   * @throws ConfigError unless the graph has the very scope of the one before.
   */
  async follow(graph: TrainingGraph): Promise<void> {
    if (graph === this.#graph) return;
    if (graph.scope !== this.#graph.scope) {
      const where = `${graph.name} after ${this.#graph.name}`;
      throw new ConfigError({ where, expected: "a loss of the same scope", got: "another scope" });
    }
    const gradients = await compileGradients(this.#device, graph, this.#options);
    // not released yet: the state has gradients that lie in its memory
    this.#left.push(this.#gradients);
    this.#gradients = gradients;
    this.#graph = graph;
  }

  /** Of a device that computes gradients in float16; part of what a checkpoint has to keep. */
  get lossScale(): LossScale | null {
    return this.#lossScale;
  }

  set lossScale(scale: LossScale | null) {
    if (this.#lossScale) this.#lossScale = scale ?? firstLossScale;
  }

  /** Gradients of all batches, then one update, unless loss or norm are not numbers: then nothing is changed. */
  async step(batches: readonly Feeds[], step: OptimizerStep): Promise<StepResult> {
    let loss = 0;
    let metrics: BatchResult["metrics"] = {};
    for (const [i, feeds] of batches.entries()) {
      const result = await this.accumulate(feeds, i === 0);
      ({ metrics } = result);
      loss += result.loss / batches.length;
    }
    if (!Number.isFinite(loss)) {
      await this.forget();
      return { loss, gradientNorm: Number.NaN, metrics };
    }
    const lossScale = this.#lossScale?.factor;
    const gradientNorm = await this.norm();
    const goesOn = await this.conclude(step, gradientNorm);
    const skipped = goesOn && !Number.isFinite(gradientNorm);
    return {
      loss,
      gradientNorm,
      ...(lossScale !== undefined && { lossScale }),
      ...(skipped && { skipped }),
      metrics,
    };
  }

  /** Gradients of one batch, added to those of the update that is being made unless it begins one. */
  async accumulate(feeds: Feeds, begins: boolean): Promise<BatchResult> {
    const carry = Float32Array.of(begins ? 0 : 1);
    const scale = this.#lossScale && { lossScale: Float32Array.of(this.#lossScale.factor) };
    const results = await this.#gradients.run({ ...feeds, ...scale, carry }, this.state);
    const metrics = Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data]),
    );
    return { loss: Number(metrics.loss![0]), metrics };
  }

  /** Of the gradients so far. */
  async norm(): Promise<number> {
    const { norm } = await this.#norm.run({}, this.state);
    return norm!.data[0] as number;
  }

  /**
   * The update with the gradients so far, unless their norm, or that of a trainer that takes turns with
   * this one, is not a number: then they are dropped, and nothing changes but the loss scale.
   *
   * @returns whether the next step may go well.
   */
  async conclude(step: OptimizerStep, norm: number, others = true): Promise<boolean> {
    const scale = this.#lossScale;
    const finite = Number.isFinite(norm);
    if (finite && others) await this.#update(step, norm);
    else await this.forget();
    if (!scale) return finite;
    if (finite && !others) this.#lossScale = { ...scale, skipped: scale.skipped + 1 };
    else this.#lossScale = nextLossScale(scale, finite);
    return finite || !isHopeless(scale);
  }

  async #update(step: OptimizerStep, norm: number): Promise<void> {
    const updates = step.updates - (this.#lossScale?.skipped ?? 0);
    const feeds = optimizerFeeds(this.#options, { ...step, updates });
    await this.#optimizer.run({ ...feeds, gradientNorm: Float32Array.of(norm) }, this.state);
  }

  /** Drops gradients that are not numbers: the next update multiplies them by 0, and NaN would stay. */
  async forget(): Promise<void> {
    for (const [path, { shape }] of this.specs) await this.#clear(slot.gradient(path), shape);
  }

  /** The current values of the named slots: parameters by default. */
  async read(name: (path: string) => string = (path) => path): Promise<Map<string, Float32Array>> {
    const values = new Map<string, Float32Array>();
    for (const path of this.specs.keys()) {
      const { data } = await this.#device.download(this.state.get(name(path))!);
      values.set(path, (data as Float32Array).slice());
    }
    return values;
  }

  async readOne(name: string): Promise<Float32Array> {
    const { data } = await this.#device.download(this.state.get(name)!);
    return (data as Float32Array).slice();
  }

  /** Replaces single values of the state; the array may be taken over. */
  async write(name: string, shape: readonly number[], data: Float32Array): Promise<void> {
    const place = this.#shared && this.state.get(name);
    if (place) (place.tensor.data as Float32Array).set(data);
    else this.state.set(name, await this.#device.upload("float32", shape, data));
  }

  endProfiling(): void {
    this.#gradients.endProfiling();
    this.#norm.endProfiling();
    this.#optimizer.endProfiling();
  }

  async close(): Promise<void> {
    for (const fn of this.#left) await fn.release();
    await this.#gradients.release();
    await this.#norm.release();
    await this.#optimizer.release();
    this.state.dispose();
  }
}

/** The parameters of the scope that are trained. */
function trainedOf({ scope, frozen }: TrainingGraph): [path: string, tensor: Tensor][] {
  return [...scope.tensors].filter(([path]) => !frozen?.has(path));
}

async function compileGradients(
  device: Device,
  graph: TrainingGraph,
  { accumulation, profile, noFallback = false }: TrainerOptions,
): Promise<CompiledFunction> {
  const { name, loss, metrics, kept = {}, frozen, rematerialized } = graph;
  const trained = trainedOf(graph);
  const tensors = trained.map(([, tensor]) => tensor);
  const share = accumulation === 1 ? loss : multiply(loss, 1 / accumulation);
  const gradients =
    device.precision === "fp16" ? scaledGradients(share, tensors) : grad(share, tensors);
  const outputs: Record<string, Tensor> = { loss, ...metrics, ...kept };
  const stores = new Map(Object.keys(kept).map((key) => [key, key]));
  trained.forEach(([path, tensor], i) => {
    const key = slot.gradient(path);
    outputs[`new ${key}`] =
      accumulation === 1 ? gradients[i]! : carried(key, tensor, gradients[i]!);
    stores.set(`new ${key}`, key);
  });
  return compile(device, `${name}-gradients`, outputs, {
    stores,
    training: true,
    mayNarrow: true,
    noFallback,
    ...(frozen && { constants: frozen }),
    ...(rematerialized && { keepRecomputation: true }),
    ...(profile && { profile: `${profile}-gradients` }),
  });
}

/** Gradients whose way back is walked with larger numbers. */
function scaledGradients(loss: Tensor, tensors: readonly Tensor[]): Tensor[] {
  const scale = input("lossScale", "float32", []);
  const back = divide(1, scale);
  return grad(multiply(loss, scale), tensors).map((gradient) => multiply(gradient, back));
}

/** carry·(gradients so far) + new gradient; carry is 0 for the first batch of an update. */
function carried(key: string, { shape }: Tensor, gradient: Tensor): Tensor {
  const before = input(key, "float32", shape);
  return add(multiply(before, input("carry", "float32", [])), gradient);
}

interface Optimizer {
  readonly norm: CompiledFunction;
  readonly optimizer: CompiledFunction;
}

async function compileOptimizer(
  device: Device,
  name: string,
  parameters: ReadonlyMap<string, Tensor>,
  ruleOf: (path: string) => UpdateRule,
  options: TrainerOptions,
): Promise<Optimizer> {
  const common = (part: string) => ({
    training: true,
    noFallback: options.noFallback ?? false,
    ...(options.profile && { profile: `${options.profile}-${part}` }),
  });
  const results = { norm: gradientNorm(parameters) };
  const norm = await compile(device, `${name}-norm`, results, common("norm"));
  const { outputs, stores } = optimizer(parameters, ruleOf, options);
  const update = await compile(device, `${name}-optimizer`, outputs, {
    stores,
    ...common("optimizer"),
  });
  return { norm, optimizer: update };
}

function sizesOf(specs: ParameterSpecs): Map<string, number> {
  return new Map([...specs].map(([path, { shape }]) => [path, shape.reduce((a, b) => a * b, 1)]));
}

/** The names of all values that belong to a parameter, as functions of its path. */
function slotsOf({ average }: OptimizerOptions): ((path: string) => string)[] {
  const { gradient, first, second, average: averaged } = slot;
  return [(path) => path, gradient, first, second, ...(average ? [averaged] : [])];
}
