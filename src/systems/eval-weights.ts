/**
 * What smaller number formats of the weights, and narrower products, change: the model draws pictures
 * in float32, and every other way then predicts their very tokens, each from those before it.
 */
import type { Request } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import {
  type LogitAgreement,
  LogitComparison,
  type LogitRows,
} from "../metrics/logit-agreement.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import type { Precision } from "../runtime/precision.ts";
import { load } from "./load.ts";
import type { Model, ModelStep } from "./model.ts";
import type { WeightFormat } from "./weight-format.ts";

export interface EvalWeightsOptions {
  readonly formats: readonly WeightFormat[];
  /** What all but the reference computes in; where it is not fp32, fp32 weights are compared too. */
  readonly precision?: Precision;
  /** Pictures to draw and to predict. */
  readonly pictures: number;
  readonly seed: number;
  readonly onPass?: (done: number, format: WeightFormat) => void;
  readonly signal?: AbortSignal;
}

export interface FormatRow extends LogitAgreement {
  readonly weights: WeightFormat;
  readonly precision: Precision;
  /** Of all weights, the tokenizer's included. */
  readonly bytes: number;
  /** Best time of one picture drawn in the format, the pixels included. */
  readonly msPerPicture: number;
}

export interface WeightsReport {
  readonly model: string;
  readonly device: string;
  readonly pictures: number;
  readonly seed: number;
  /** float32 first. */
  readonly formats: readonly FormatRow[];
}

/** A picture to predict: what was asked for, and the tokens of every step. */
interface Sample {
  readonly request: Request;
  readonly seed: number;
  readonly ids: readonly Int32Array[];
}

/** Passes over the pictures that `evalWeights` makes in all, for a progress bar. */
export function passesOf(options: Pick<EvalWeightsOptions, "formats" | "precision">): number {
  return 2 * others(options).length + 2;
}

/** Logits are compared as they are sampled from: with guidance, before truncation. */
export async function evalWeights(
  device: Device,
  model: string,
  options: EvalWeightsOptions,
): Promise<WeightsReport> {
  const { precision = "fp32" } = options;
  let done = 0;
  const within = async <R>(
    weights: WeightFormat,
    use: (model: Model) => Promise<R>,
    on: Device = { ...device, precision },
  ) => {
    const loaded = await load(model, on, { weights });
    const result = await use(loaded).finally(() => loaded.close());
    options.onPass?.(++done, weights);
    return result;
  };
  const exact: Device = { ...device, precision: "fp32" };
  const drawn = await within("fp32", (loaded) => drawSamples(loaded, options), exact);
  const { samples, ...facts } = drawn;
  const wanted = await within("fp32", (loaded) => predict(loaded, samples, options), exact);
  const row = async (weights: WeightFormat): Promise<FormatRow> => {
    const { bytes, msPerPicture } = await within(weights, (loaded) => drawSamples(loaded, options));
    const found = await within(weights, (loaded) => predict(loaded, samples, options));
    return { weights, precision, ...agreement(wanted, found), bytes, msPerPicture };
  };
  const { name, bytes, msPerPicture } = facts;
  const rows: FormatRow[] = [
    { weights: "fp32", precision: "fp32", ...agreement(wanted, wanted), bytes, msPerPicture },
  ];
  for (const weights of others(options)) rows.push(await row(weights));
  const { pictures, seed } = options;
  return { model: name, device: device.name, pictures, seed, formats: rows };
}

function others({
  formats,
  precision = "fp32",
}: Pick<EvalWeightsOptions, "formats" | "precision">): WeightFormat[] {
  const small = [...new Set(formats)].filter((format) => format !== "fp32");
  return precision === "fp32" ? small : ["fp32", ...small];
}

function agreement(wanted: readonly LogitRows[], found: readonly LogitRows[]): LogitAgreement {
  const comparison = new LogitComparison();
  wanted.forEach((rows, i) => {
    comparison.add(rows, found[i]!);
  });
  return comparison.result();
}

async function drawSamples(model: Model, { pictures, seed, signal }: EvalWeightsOptions) {
  const samples: Sample[] = [];
  let best = Number.POSITIVE_INFINITY;
  // the first picture also compiles: it is drawn once more
  for (let i = -1; i < pictures; i++) {
    const index = Math.max(i, 0);
    const request = requestOf(model, seed, index);
    const ids: Int32Array[] = [];
    const begin = performance.now();
    const settings = { seed: seed + index, ...(signal && { signal }) };
    for await (const step of model.steps(request, settings)) {
      ids.push(requireIds(step, model));
      if (step.step === step.steps - 1) await step.picture();
    }
    if (i < 0) continue;
    best = Math.min(best, performance.now() - begin);
    samples.push({ request, seed: seed + index, ids });
  }
  const { facts, weightBytes: bytes } = model;
  return { samples, name: facts.name, bytes, msPerPicture: best };
}

/** @throws ConfigError, because rows of logits are what is compared. */
function requireIds({ ids }: ModelStep, { facts: { name } }: Model): Int32Array {
  if (ids) return ids;
  throw new ConfigError({ where: name, expected: "a model that draws codes", got: "vectors" });
}

/** Any class, or any word that the model knows; nothing, where there are neither. */
function requestOf(model: Model, seed: number, index: number): Request {
  const { accepts } = model.composition.conditioning;
  const [u] = random(seed, "request", index).uniforms(1) as unknown as [number];
  if (accepts.kind === "classes") return Math.floor(u * accepts.count);
  if (accepts.kind === "features") return null;
  return accepts.known[Math.floor(u * accepts.known.length)] ?? null;
}

async function predict(
  model: Model,
  samples: readonly Sample[],
  { signal }: EvalWeightsOptions,
): Promise<LogitRows[]> {
  const rows: LogitRows[] = [];
  for (const { request, seed, ids } of samples) {
    const settings = { seed, ...(signal && { signal }) };
    for await (const { logits, drawn } of model.predict(request, ids, settings)) {
      rows.push({ logits, drawn });
    }
  }
  return rows;
}
