/** What was measured of drawing pictures, as ratios to what the machine can do. */

import type { ModelFacts } from "../systems/model.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import type { Composition } from "../systems/system.ts";
import type { WeightFormat } from "../systems/weight-format.ts";
import { type Bar, type BarResult, barResults } from "./bars.ts";
import type { ColdStart } from "./cold-start.ts";
import type { MatrixRate } from "./matrix-rate.ts";
import { type Timing, timing } from "./measure.ts";
import type { PeerReport } from "./peer.ts";
import type { Profile } from "./profile.ts";
import { samplingFlop } from "./sampling-flop.ts";
import type { SamplingTarget } from "./sampling-target.ts";
import { weightBytes } from "./weight-bytes.ts";

/** Milliseconds of one run, and of its parts: each step over all pictures, and the pixel decoder. */
export interface DrawTimes {
  readonly whole: number;
  readonly steps: readonly number[];
  readonly decoder: number;
}

/** A part of a picture. */
export interface PartReport extends Timing {
  readonly flop: number;
  /** 10⁹ operations per second in the best run. */
  readonly gflops: number;
  /** `gflops` over the machine's matrix rate. */
  readonly ratio: number;
}

export interface SamplingReport {
  readonly target: string;
  readonly device: string;
  readonly weights: WeightFormat;
  readonly batch: number;
  /** Where the random weights lie. */
  readonly folder: string;
  readonly facts: Readonly<Record<string, number>>;
  /** Milliseconds of one run: `batch` pictures from the request to their pixels. */
  readonly run: Timing;
  /** Milliseconds of one picture of it, at best. */
  readonly pictureMs: number;
  /** All passes, with guidance, truncation and draw. */
  readonly transformer: PartReport;
  /** From the last feature to pixels. */
  readonly decoder: PartReport;
  readonly steps: readonly (PartReport & { readonly tokens: number })[];
  readonly flop: number;
  readonly matrix: MatrixRate;
  /** The official code's time at this machine's matrix rate. */
  readonly official?: { readonly scaledMs: number; readonly share: number };
  /** The program started anew, in turns with the runs; absent where it was not. */
  readonly cold?: ColdReport;
  /** The same pictures in PyTorch, in turns with ours; absent where that is not there. */
  readonly peer?: PeerReport;
  /** Of this process, after it has drawn a picture and before it has done anything else. */
  readonly peakBytes: number;
  readonly profile?: Profile;
  readonly bars: readonly BarResult[];
}

export interface ColdReport {
  /** Milliseconds from the start of the process to its end, with the picture written. */
  readonly run: Timing;
  /** Its median over that of the runs. */
  readonly ratio: number;
  /** Largest resident set of any of them, in bytes; null where the system does not tell. */
  readonly peakBytes: number | null;
}

export interface Measured {
  readonly target: SamplingTarget;
  readonly device: string;
  readonly weights: WeightFormat;
  readonly batch: number;
  readonly folder: string;
  readonly times: readonly DrawTimes[];
  readonly matrix: MatrixRate;
  readonly peak: number;
  readonly composition: Composition;
  readonly facts: ModelFacts;
  /** One for each run, or none. */
  readonly starts: readonly ColdStart[];
  readonly peer?: PeerReport;
  readonly profile?: Profile;
}

export function samplingReport(measured: Measured): SamplingReport {
  const { target, weights, batch, times, matrix, peak, composition, starts, profile } = measured;
  const { order } = composition;
  const flop = samplingFlop(composition);
  const part = (flopOfOne: number, own: readonly number[]): PartReport => {
    const taken = timing(own);
    const gflops = (batch * flopOfOne) / taken.best / 1e6;
    return { ...taken, flop: batch * flopOfOne, gflops, ratio: gflops / matrix.gflops };
  };
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const run = timing(times.map(({ whole }) => whole));
  const transformer = part(
    sum(flop.steps),
    times.map(({ steps }) => sum(steps)),
  );
  const decoder = part(
    flop.decoder,
    times.map(({ decoder: own }) => own),
  );
  const cold = starts.length > 0 ? coldReport(starts, run) : undefined;
  const pictureMs = run.best / batch;
  const scaledMs =
    target.official && (1000 * target.official.seconds * target.official.gflops) / matrix.gflops;
  const bytes = weightBytes(modelParameters(composition), weights);
  const got = {
    transformerRate: weights === "fp32" ? transformer.ratio : undefined,
    officialShare: scaledMs && pictureMs / scaledMs,
    peakBytes: batch === 1 ? Math.max(peak, cold?.peakBytes ?? 0) : undefined,
    coldStart: cold?.ratio,
  };
  return {
    target: target.name,
    device: measured.device,
    weights,
    batch,
    folder: measured.folder,
    facts: {
      parameters: measured.facts.parameters,
      tokens: order.tokenCount,
      passes: order.steps.length,
      weightBytes: bytes,
    },
    run,
    pictureMs,
    transformer,
    decoder,
    steps: order.steps.map(({ count }, k) => ({
      tokens: count,
      ...part(
        flop.steps[k]!,
        times.map(({ steps }) => steps[k]!),
      ),
    })),
    flop: transformer.flop + decoder.flop,
    matrix,
    ...(scaledMs && { official: { scaledMs, share: pictureMs / scaledMs } }),
    ...(cold && { cold }),
    peakBytes: peak,
    ...(measured.peer && { peer: measured.peer }),
    ...(profile && { profile }),
    bars: barResults(barsOf(target, weights, bytes), got),
  };
}

function coldReport(starts: readonly ColdStart[], run: Timing): ColdReport {
  const cold = timing(starts.map(({ ms }) => ms));
  const peaks = starts.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    run: cold,
    ratio: cold.median / run.median,
    peakBytes: peaks.length > 0 ? Math.max(...peaks) : null,
  };
}

function barsOf({ bars }: SamplingTarget, weights: WeightFormat, bytes: number) {
  const all: Record<string, Bar> = {};
  const { transformerRate, officialShare, memory, coldStart } = bars;
  const share = officialShare?.[weights];
  if (transformerRate !== undefined) all.transformerRate = { wanted: transformerRate };
  if (share !== undefined) all.officialShare = { wanted: share, atMost: true };
  if (memory) {
    const wanted = memory.factor * bytes + memory.bytes;
    all.peakBytes = { wanted, atMost: true, unit: "bytes" };
  }
  if (coldStart !== undefined) all.coldStart = { wanted: coldStart, atMost: true };
  return all;
}
