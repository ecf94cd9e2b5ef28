/** Times pictures of a published model: the whole, its parts, its memory, and its cold start. */
import type { Device } from "../runtime/device.ts";
import { systemNamed } from "../systems/index.ts";
import { load } from "../systems/load.ts";
import type { Model } from "../systems/model.ts";
import type { System } from "../systems/system.ts";
import type { WeightFormat } from "../systems/weight-format.ts";
import { type ColdStart, coldStart } from "./cold-start.ts";
import { type MatrixRateOptions, openMatrixRate } from "./matrix-rate.ts";
import { interleave } from "./measure.ts";
import { peakBytes } from "./memory.ts";
import { openPeer, peerReport, peerRuns, withPeer } from "./peer.ts";
import { profiled } from "./profile.ts";
import { randomModel } from "./random-model.ts";
import { type DrawTimes, type SamplingReport, samplingReport } from "./sampling-report.ts";
import type { SamplingTarget } from "./sampling-target.ts";

export interface SamplingBenchOptions {
  /** Runs that are timed. */
  readonly repeat: number;
  /** Where models with random weights are kept. */
  readonly models: string;
  readonly weights?: WeightFormat;
  /** Pictures of one run. */
  readonly batch?: number;
  /** Also watch a run with the engine's profiler. */
  readonly profile?: boolean;
  /** The program that the cold start runs; false leaves it out. */
  readonly program?: readonly string[] | false;
  readonly matrixRate?: MatrixRateOptions;
  /** Opens the same work in PyTorch; null where that is not there. */
  readonly openPeer?: typeof openPeer;
  readonly onRound?: (round: number) => void;
  readonly signal?: AbortSignal;
}

/** A class that every model has. */
const CLASS = 1;

/** Rounds that are not counted: a first start may pack matrices for those after it. */
const WARM_UP = 1;

/**
 * Makes the weights if they are not there, and draws in turns with starting the program on them and with
 * matrix products.
 */
export async function runSamplingBench(
  device: Device,
  target: SamplingTarget,
  options: SamplingBenchOptions,
): Promise<SamplingReport> {
  const { weights = "fp32", batch = 1, repeat, signal } = options;
  const system = systemNamed(target.system, target.name) as unknown as System<object>;
  const config = { ...system.presets[target.preset], ...target.sizes };
  const folder = await randomModel(options.models, target.name, system, config);
  const start = starter(folder, target, options);
  const steady = await withModel(folder, device, { weights }, async (model) => {
    const times: DrawTimes[] = [];
    const run = async () => {
      times.push(await drawPictures(model, target, batch, signal));
    };
    // the matrix products below take memory themselves
    await run();
    const peak = peakBytes();
    times.length = 0;
    const { openPeer: open = openPeer } = options;
    const settings = { sizes: config, batch, guidance: target.guidance };
    return withPeer(open(device, { script: target.peer, settings }), async (peer) => {
      const probe = await openMatrixRate(device, options.matrixRate);
      try {
        const starts: ColdStart[] = [];
        const cold = start && { start: async () => starts.push(await start()) };
        const all = { run, ...cold, ...peerRuns(peer), ...probe.runs };
        const timings = await interleave<string>(all, { ...options, warmUp: WARM_UP });
        const { composition, facts } = model;
        const matrix = probe.rate(timings);
        const theirs = peerReport(peer, timings, timings.run!.best);
        return {
          times: times.slice(-repeat),
          starts: starts.slice(-repeat),
          matrix,
          peak,
          composition,
          facts,
          ...theirs,
        };
      } finally {
        await probe.close();
      }
    });
  });
  const profile = options.profile && (await watched(folder, device, target, options));
  return samplingReport({
    target,
    device: device.name,
    weights,
    batch,
    folder,
    ...steady,
    ...(profile && { profile }),
  });
}

async function withModel<R>(
  folder: string,
  device: Device,
  options: Parameters<typeof load>[2],
  use: (model: Model) => Promise<R>,
): Promise<R> {
  const model = await load(folder, device, options);
  return use(model).finally(() => model.close());
}

/** The pictures of one run, with the time of each step and of the pixels, in milliseconds. */
async function drawPictures(
  model: Model,
  { guidance }: SamplingTarget,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<DrawTimes> {
  const steps: number[] = [];
  let decoder = 0;
  const begin = performance.now();
  for (let index = 0; index < batch; index++) {
    const settings = { seed: 1, index, guidance, ...(signal && { signal }) };
    let before = performance.now();
    for await (const step of model.steps(CLASS, settings)) {
      const drawn = performance.now();
      steps[step.step] = (steps[step.step] ?? 0) + drawn - before;
      before = drawn;
      if (step.step < step.steps - 1) continue;
      await step.picture();
      decoder += performance.now() - drawn;
    }
  }
  return { whole: performance.now() - begin, steps, decoder };
}

/** Starts the program on the weights, unless nothing is to be started. */
function starter(
  folder: string,
  { guidance, warmOnly }: SamplingTarget,
  { program, weights = "fp32", batch = 1, signal }: SamplingBenchOptions,
): (() => Promise<ColdStart>) | undefined {
  if (program === false || warmOnly || batch > 1) return undefined;
  const words = ["--class", String(CLASS), "--guidance", String(guidance), "--seed", "1"];
  const format = weights === "fp32" ? [] : ["--weights", weights];
  return () =>
    coldStart(["-m", folder, ...words, ...format], {
      ...(program && { program }),
      ...(signal && { signal }),
    });
}

async function watched(
  folder: string,
  device: Device,
  target: SamplingTarget,
  { weights = "fp32", batch = 1, signal }: SamplingBenchOptions,
) {
  const runs = 2;
  const { profile } = await profiled(runs * batch, (prefix) =>
    withModel(folder, device, { weights, profile: prefix }, async (model) => {
      for (let i = 0; i < runs; i++) await drawPictures(model, target, batch, signal);
      await model.endProfiling();
    }),
  );
  return profile;
}
