/** Measures one target and says what it reached. */
import type { Device } from "../runtime/device.ts";
import { type Bar, type BarResult, barResults } from "./bars.ts";
import { type MatrixRate, type MatrixRateOptions, openMatrixRate } from "./matrix-rate.ts";
import { interleave, type Timing } from "./measure.ts";
import { peakBytes } from "./memory.ts";
import { openPeer, type Peer, type PeerReport, peerReport, peerRuns, withPeer } from "./peer.ts";
import { type Profile, profiled } from "./profile.ts";
import type { Bars, BenchTarget } from "./workload.ts";

export interface BenchOptions {
  /** Runs that are timed. */
  readonly repeat: number;
  readonly matrixRate?: MatrixRateOptions;
  /** Opens the same work in PyTorch; null where that is not there. */
  readonly openPeer?: typeof openPeer;
  readonly onRound?: (round: number) => void;
  readonly signal?: AbortSignal;
}

export interface BenchReport {
  readonly target: string;
  readonly device: string;
  readonly facts: Readonly<Record<string, number>>;
  /** Milliseconds of one run. */
  readonly run: Timing;
  /** Operations of the products and convolutions of one run. */
  readonly flop: number;
  /** 10⁹ of them per second, in the best run; the time of everything else is in it. */
  readonly gflops: number;
  readonly matrix: MatrixRate;
  /** `gflops` over the best matrix rate. */
  readonly ratio: number;
  /** The same of the products and convolutions alone, by the profiler. */
  readonly productRatio: number;
  /** Of the whole process up to the first runs, before the matrix products take memory themselves. */
  readonly peakBytes: number;
  /** The same work in PyTorch, in turns with ours; absent where that is not there. */
  readonly peer?: PeerReport;
  readonly profile: Profile;
  readonly bars: readonly BarResult[];
}

/** Runs that show the peak of memory; the allocator has settled after them. */
const FIRST_RUNS = 3;

/** Rounds that are not counted. */
const WARM_UP = 1;

/**
 * Opens the target and runs it: a few times alone, for its memory; then in turns with the matrix
 * products and with a second one that the engine's profiler watches, so that all meet the same
 * disturbances.
 */
export async function runBench(
  device: Device,
  target: BenchTarget,
  options: BenchOptions,
): Promise<BenchReport> {
  const { flop, facts, run, matrix, peak, peer, profile } = await using(
    target.open(device),
    async (workload) => {
      const { signal } = options;
      const run = () => workload.run();
      await interleave({ run }, { repeat: FIRST_RUNS, warmUp: 0, ...(signal && { signal }) });
      const peak = peakBytes();
      const timings = await timed(device, target, run, options);
      return { flop: workload.flop, facts: workload.facts, peak, ...timings };
    },
  );
  const rateOf = (ms: number) => flop / ms / 1e6;
  const gflops = rateOf(run.best);
  const ratio = gflops / matrix.gflops;
  const productRatio = rateOf(profile.productMs) / matrix.gflops;
  return {
    target: target.name,
    device: device.name,
    facts,
    run,
    flop,
    gflops,
    matrix,
    ratio,
    productRatio,
    peakBytes: peak,
    ...(peer && { peer }),
    profile,
    bars: barResults(barsOf(target.bars), {
      rate: ratio,
      productRate: productRatio,
      peakBytes: peak,
      peerSpeed: peer?.speed,
    }),
  };
}

async function using<T extends { close(): Promise<void> }, R>(
  opening: Promise<T>,
  use: (value: T) => Promise<R>,
): Promise<R> {
  const value = await opening;
  try {
    return await use(value);
  } finally {
    await value.close();
  }
}

interface Timings {
  readonly run: Timing;
  readonly matrix: MatrixRate;
  readonly peer?: PeerReport;
  readonly profile: Profile;
}

async function timed(
  device: Device,
  target: BenchTarget,
  run: () => Promise<unknown>,
  { matrixRate, openPeer: open = openPeer, ...options }: BenchOptions,
): Promise<Timings> {
  const opening = target.peer === undefined ? Promise.resolve(null) : open(device, target.peer);
  const all = { ...options, ...(matrixRate && { matrixRate }) };
  return withPeer(opening, (peer) => inTurns(device, target, run, peer, all));
}

async function inTurns(
  device: Device,
  target: BenchTarget,
  run: () => Promise<unknown>,
  peer: Peer | null,
  { matrixRate, ...options }: Omit<BenchOptions, "openPeer">,
): Promise<Timings> {
  const { result, profile } = await profiled(WARM_UP + options.repeat, (prefix) =>
    using(target.open(device, { profile: prefix }), async (watched) => {
      const result = await using(openMatrixRate(device, matrixRate), async ({ runs, rate }) => {
        const all = {
          run,
          watched: () => watched.run(),
          ...peerRuns(peer),
          ...runs,
        };
        const timings = await interleave<string>(all, { warmUp: WARM_UP, ...options });
        const own = timings.run!;
        return { run: own, matrix: rate(timings), ...peerReport(peer, timings, own.best) };
      });
      await watched.endProfiling();
      return result;
    }),
  );
  return { ...result, profile };
}

function barsOf({ rate, productRate, peakBytes, peerSpeed }: Bars): Record<string, Bar> {
  return {
    ...(rate !== undefined && { rate: { wanted: rate } }),
    ...(productRate !== undefined && { productRate: { wanted: productRate } }),
    ...(peakBytes !== undefined && {
      peakBytes: { wanted: peakBytes, atMost: true, unit: "bytes" },
    }),
    ...(peerSpeed !== undefined && { peerSpeed: { wanted: peerSpeed } }),
  };
}
