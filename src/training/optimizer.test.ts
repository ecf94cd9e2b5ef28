import { describe, expect, test } from "vitest";
import { largestError } from "../../test/ops/run-case.ts";
import { parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import { hasWeightDecay } from "./no-decay.ts";
import {
  gradientNorm,
  type OptimizerOptions,
  type OptimizerStep,
  optimizer,
  optimizerFeeds,
  slot,
} from "./optimizer.ts";

const device = await openDevice("cpu", { threads: 1 });

const shapes = new Map<string, readonly number[]>([
  ["blocks.0.weight", [3, 4]],
  ["blocks.0.bias", [4]],
  ["positions", [1, 2, 3]],
  ["table.queryBias", [2, 2]],
]);
const decays = (name: string): boolean =>
  hasWeightDecay({ name, shape: shapes.get(name)! }, ["positions"]);

const ruleOf = (path: string) => ({ decays: decays(path), muon: decays(path) });

const options: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 1,
  average: true,
};

/** The settings and the gradients of one update. */
interface Update extends Omit<OptimizerStep, "updates"> {
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function randomTensors(name: string, scale: number): Map<string, Float32Array> {
  return new Map(
    [...shapes].map(([path, shape]) => [
      path,
      random(1, name, path)
        .normals(count(shape))
        .map((x) => x * scale),
    ]),
  );
}

interface Values {
  readonly parameters: Map<string, number[]>;
  readonly averages: Map<string, number[]>;
  readonly norms: number[];
}

/** AdamW, and Muon where there is one, as their papers write them, in float64. */
function inNumbers(
  start: ReadonlyMap<string, Float32Array>,
  updates: readonly Update[],
  { beta1, beta2, epsilon, clipNorm, muon }: OptimizerOptions = options,
): Values {
  const copy = () => new Map([...start].map(([path, data]) => [path, Array.from(data)]));
  const zeros = () => new Map([...start].map(([path, data]) => [path, Array.from(data, () => 0)]));
  const [parameters, averages, first, second] = [copy(), copy(), zeros(), zeros()];
  const norms: number[] = [];
  for (const [i, { gradients, learningRate, weightDecay, averageKeep }] of updates.entries()) {
    const squares = [...gradients.values()].flatMap((g) => Array.from(g, (x) => x * x));
    const norm = Math.sqrt(squares.reduce((sum, x) => sum + x, 0));
    norms.push(norm);
    const factor = Math.min(1, clipNorm / norm);
    for (const [path, p] of parameters) {
      const [m, v, average] = [first.get(path)!, second.get(path)!, averages.get(path)!];
      if (muon && ruleOf(path).muon) {
        const directions = Array.from(gradients.get(path)!, (raw, j) => {
          const g = raw * factor;
          m[j] = muon.momentum * m[j]! + g;
          return g + muon.momentum * m[j]!;
        });
        const [rows, columns] = shapes.get(path) as [number, number];
        const scale = learningRate * 0.2 * Math.sqrt(Math.max(rows, columns));
        newtonSchulz(directions, rows).forEach((x, j) => {
          p[j] = (1 - learningRate * weightDecay) * p[j]! - scale * x;
          average[j] = averageKeep * average[j]! + (1 - averageKeep) * p[j]!;
        });
        continue;
      }
      gradients.get(path)!.forEach((raw, j) => {
        const g = raw * factor;
        m[j] = beta1 * m[j]! + (1 - beta1) * g;
        v[j] = beta2 * v[j]! + (1 - beta2) * g * g;
        const mHat = m[j]! / (1 - beta1 ** (i + 1));
        const vHat = v[j]! / (1 - beta2 ** (i + 1));
        if (decays(path)) p[j]! -= learningRate * weightDecay * p[j]!;
        p[j]! -= (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
        average[j] = averageKeep * average[j]! + (1 - averageKeep) * p[j]!;
      });
    }
  }
  return { parameters, averages, norms };
}

/** Five steps of X ← 3.4445 X − 4.775 XXᵀX + 2.0315 XXᵀXXᵀX. */
function newtonSchulz(values: readonly number[], rows: number): number[] {
  const columns = values.length / rows;
  const norm = Math.hypot(...values);
  let x = Array.from({ length: rows }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns).map((value) => value / norm),
  );
  for (let step = 0; step < 5; step++) {
    const cubed = product(product(x, transposed(x)), x);
    const fifth = product(product(x, transposed(x)), cubed);
    x = x.map((row, i) =>
      row.map((value, j) => 3.4445 * value - 4.775 * cubed[i]![j]! + 2.0315 * fifth[i]![j]!),
    );
  }
  return x.flat();
}

type Matrix = number[][];

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)),
  );
}

function transposed(a: Matrix): Matrix {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}

async function inGraph(
  start: ReadonlyMap<string, Float32Array>,
  updates: readonly Update[],
  settings: OptimizerOptions = options,
): Promise<Values> {
  const tensors = new Map([...shapes].map(([path, shape]) => [path, parameter(path, shape)]));
  const { outputs, stores } = optimizer(tensors, ruleOf, settings);
  const fn = await compile(device, "adamw", outputs, { stores, training: true });
  const measure = await compile(device, "norm", { norm: gradientNorm(tensors) });
  const state = new DeviceState();
  const put = async (name: string, path: string, data: Float32Array) =>
    state.set(name, await device.upload("float32", shapes.get(path)!, data));
  for (const [path, data] of start) {
    await put(path, path, data.slice());
    await put(slot.first(path), path, new Float32Array(data.length));
    await put(slot.second(path), path, new Float32Array(data.length));
    if (settings.average) await put(slot.average(path), path, data.slice());
  }
  const norms: number[] = [];
  for (const [updatesDone, { gradients, ...step }] of updates.entries()) {
    for (const [path, g] of gradients) await put(slot.gradient(path), path, g.slice());
    const scalars = optimizerFeeds(settings, { ...step, updates: updatesDone });
    const { norm } = await measure.run({}, state);
    await fn.run({ ...scalars, gradientNorm: norm! }, state);
    norms.push(norm!.data[0] as number);
  }
  const read = async (name: (path: string) => string) => {
    const values = new Map<string, number[]>();
    for (const path of shapes.keys()) {
      const handle = state.get(name(path));
      if (handle)
        values.set(path, Array.from(await device.download(handle).then((x) => x.data), Number));
    }
    return values;
  };
  const result = {
    parameters: await read((path) => path),
    averages: await read(slot.average),
    norms,
  };
  await fn.release();
  await measure.release();
  return result;
}

/** Norms above and below the clipping norm, with all settings changing from step to step. */
const updates: Update[] = [0.02, 3, 0.4, 20, 0.001, 0.1].map((scale, i) => ({
  gradients: randomTensors(`gradient ${i}`, scale),
  learningRate: 0.01 * (i + 1),
  weightDecay: 0.3 - 0.04 * i,
  averageKeep: 0.5 + 0.05 * i,
}));

describe("AdamW in the graph", () => {
  const start = randomTensors("start", 1);

  test("is AdamW in plain numbers, with clipping, decay exemptions and averages", async () => {
    const [wanted, found] = [inNumbers(start, updates), await inGraph(start, updates)];
    expect(wanted.norms.some((norm) => norm > 1)).toBe(true);
    expect(wanted.norms.some((norm) => norm < 1)).toBe(true);
    expect(largestError(found.norms, wanted.norms)).toBeLessThan(1e-5);
    for (const path of shapes.keys()) {
      const [p, average] = [found.parameters.get(path)!, found.averages.get(path)!];
      expect(largestError(p, wanted.parameters.get(path)!), path).toBeLessThan(1e-5);
      expect(largestError(average, wanted.averages.get(path)!), path).toBeLessThan(1e-5);
      expect(largestError(p, start.get(path)!), path).toBeGreaterThan(0.01);
    }
  });

  test("without gradients shrinks what decays by 1 − rate·decay, and leaves the rest", async () => {
    const none = new Map([...start].map(([path, data]) => [path, new Float32Array(data.length)]));
    const update = { gradients: none, learningRate: 0.1, weightDecay: 0.5, averageKeep: 0 };
    const { parameters } = await inGraph(start, [update]);
    for (const [path, before] of start) {
      const factor = path === "blocks.0.weight" ? 0.95 : 1;
      const wanted = before.map((x) => factor * x);
      expect(largestError(parameters.get(path)!, wanted), path).toBeLessThan(1e-6);
    }
  });

  test("without averaging keeps none and gives the same parameters", async () => {
    const plain = await inGraph(start, updates, { ...options, average: false });
    expect(plain.averages.size).toBe(0);
    expect(plain.parameters).toEqual((await inGraph(start, updates)).parameters);
  });
});

describe("Muon in the graph", () => {
  const start = randomTensors("start", 1);
  const settings: OptimizerOptions = { ...options, muon: { momentum: 0.9, except: [] } };

  test("is Muon in plain numbers for matrices, and AdamW for all others", async () => {
    const wanted = inNumbers(start, updates, settings);
    const found = await inGraph(start, updates, settings);
    const adamW = inNumbers(start, updates);
    for (const path of shapes.keys()) {
      const p = wanted.parameters.get(path)!;
      expect(largestError(found.parameters.get(path)!, p), path).toBeLessThan(1e-4);
      expect(
        largestError(found.averages.get(path)!, wanted.averages.get(path)!),
        path,
      ).toBeLessThan(1e-4);
      const apart = largestError(p, adamW.parameters.get(path)!);
      if (ruleOf(path).muon) expect(apart, path).toBeGreaterThan(0.01);
      else expect(apart, path).toBe(0);
    }
  });
});
