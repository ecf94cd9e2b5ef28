/** Times tokens of a published model in every format of its weights, beside the reading of memory. */
import { countParameters, type ParameterSpecs } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { llamaGenSystem } from "../systems/llamagen.ts";
import { llamaGenPresets } from "../systems/llamagen-presets.ts";
import { load } from "../systems/load.ts";
import type { Model } from "../systems/model.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import { type Bar, type BarResult, barResults } from "./bars.ts";
import type { DecodingBars, DecodingTarget } from "./decoding-target.ts";
import { openReadRate } from "./matrix-rate.ts";
import { interleave, type Timing, timing } from "./measure.ts";
import { peakBytes } from "./memory.ts";
import { openPeer, type Peer, type PeerReport, peerReport, peerRuns, withPeer } from "./peer.ts";
import { randomModel } from "./random-model.ts";
import { weightBytes } from "./weight-bytes.ts";

export interface DecodingBenchOptions {
  /** Pictures that are timed in each format. */
  readonly repeat: number;
  /** Where models with random weights are kept. */
  readonly models: string;
  /** Numbers that the reading of memory reads; for tests. */
  readonly readFloats?: number;
  /** Opens the same work in PyTorch; null where that is not there. */
  readonly openPeer?: typeof openPeer;
  readonly onRound?: (round: number) => void;
  readonly signal?: AbortSignal;
}

/** fp16 is left out: on the CPU it is widened when the model is loaded. */
const formats = ["fp32", "int8", "int4"] as const;
type Format = (typeof formats)[number];

export interface FormatReport {
  readonly weights: Format;
  /** Milliseconds of a token, the mean over a picture's; prefix, guidance and draw included. */
  readonly tokenMs: Timing;
  /** Weights that a token reads. */
  readonly readBytes: number;
  /** The best time over that of reading these weights once at the measured rate. */
  readonly ofReading: number;
  /** The best time over that in fp32. */
  readonly ofFp32: number;
}

export interface DecodingReport {
  readonly target: string;
  readonly device: string;
  /** Where the random weights lie. */
  readonly folder: string;
  readonly facts: Readonly<Record<string, number>>;
  /** Reading of memory, in 10⁹ bytes per second. */
  readonly readGBs: number;
  readonly formats: readonly FormatReport[];
  /** A picture's tokens in PyTorch, in turns with ours in fp32; absent where that is not there. */
  readonly peer?: PeerReport;
  /** Of this process, with all formats loaded. */
  readonly peakBytes: number;
  readonly bars: readonly BarResult[];
}

/** A class that every model has. */
const CLASS = 1;

/** Draws a picture in each format in turns, without its pixels. */
export function runDecodingBench(
  device: Device,
  target: DecodingTarget,
  options: DecodingBenchOptions,
): Promise<DecodingReport> {
  const { openPeer: open = openPeer } = options;
  const settings = { sizes: llamaGenPresets[target.preset] };
  return withPeer(open(device, { script: "llamagen_decode.py", settings }), (peer) =>
    timed(device, target, peer, options),
  );
}

async function timed(
  device: Device,
  { name, preset, bars }: DecodingTarget,
  peer: Peer | null,
  options: DecodingBenchOptions,
): Promise<DecodingReport> {
  const config = llamaGenPresets[preset];
  const folder = await randomModel(options.models, name, llamaGenSystem, config);
  const composition = llamaGenSystem.compose(config, {});
  const { transformer } = modelParameters(composition);
  const models = new Map<Format, Model>();
  const probe = await openReadRate(device, options.readFloats);
  try {
    for (const weights of formats) models.set(weights, await load(folder, device, { weights }));
    const runs = [...models].map(([weights, model]) => [weights, () => drawTokens(model, options)]);
    const all = { ...Object.fromEntries(runs), ...peerRuns(peer), read: probe.run } as Record<
      Format | "read",
      () => Promise<void>
    >;
    const timings = await interleave<Format | "read">(all, options);
    const readGBs = probe.rate(timings.read);
    const tokens = composition.order.tokenCount;
    const perToken = (one: Format) => timing(timings[one].times.map((ms) => ms / tokens));
    const reports = formats.map((weights): FormatReport => {
      const tokenMs = perToken(weights);
      const readBytes = bytesOfToken(transformer, weights);
      return {
        weights,
        tokenMs,
        readBytes,
        ofReading: tokenMs.best / (readBytes / readGBs / 1e6),
        ofFp32: tokenMs.best / perToken("fp32").best,
      };
    });
    return {
      target: name,
      device: device.name,
      folder,
      facts: { parameters: countParameters(transformer), tokens },
      readGBs,
      formats: reports,
      ...peerReport(peer, timings, timings.fp32.best),
      peakBytes: peakBytes(),
      bars: barResults(barsOf(bars), gotOf(reports)),
    };
  } finally {
    for (const model of models.values()) await model.close();
    await probe.close();
  }
}

async function drawTokens(
  model: Model,
  { signal }: Pick<DecodingBenchOptions, "signal">,
): Promise<void> {
  for await (const _ of model.steps(CLASS, { seed: 1, ...(signal && { signal }) })) {
    // the tokens alone are what is timed
  }
}

/** Without the tables, of which a token reads a row or two. */
function bytesOfToken(transformer: ParameterSpecs, weights: Format): number {
  const read = [...transformer].filter(([path]) => !/^(tokenEmbedding|condition)\./.test(path));
  return weightBytes({ transformer: new Map(read), tokenizer: new Map() }, weights);
}

function barsOf(bars: DecodingBars): Record<string, Bar> {
  return Object.fromEntries(
    Object.entries(bars).map(([name, wanted]) => [name, { wanted, atMost: true }]),
  );
}

function gotOf([fp32, int8, int4]: readonly FormatReport[]): Record<string, number> {
  return { reading: fp32!.ofReading, int8: int8!.ofFp32, int4: int4!.ofFp32 };
}
