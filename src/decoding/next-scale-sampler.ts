/**
 * Plain decoding of a next-scale model (sheet var, "Sampling"): one pass per scale on a key-value
 * cache.
 *
 * Pictures are made one at a time, so that picture i of a run does not depend on its neighbours.
 *
 * Axes: S tokens of a step · V codebook
 */
import type { CachePolicy } from "../caches/policy.ts";
import type { Request } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import type { Floats } from "../floats.ts";
import { invariantTensors } from "../graph/invariant.ts";
import type { Tensor } from "../graph/node.ts";
import { type GuidanceSchedule, guidanceAt, isGuided } from "../guidance/schedule.ts";
import { gumbels, smoothingAt } from "../heads/smooth-codes.ts";
import type { Picture } from "../images/picture.ts";
import type { PackedMatrices, PackedValues } from "../nn/matrix-format.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile, type Feed } from "../runtime/function.ts";
import { DeviceState, type HostTensor } from "../runtime/handle.ts";
import { trimCache } from "./cache-trim.ts";
import { type StepParts, type StepVariant, traceStep } from "./next-scale-step.ts";
import { ScaleDecoder } from "./scale-decoder.ts";

export interface NextScaleModel extends StepParts {
  readonly cache: CachePolicy;
  /** Of the tokenizer and of the transformer, by path. */
  readonly parameters: ReadonlyMap<string, Floats>;
  readonly matrices?: PackedMatrices;
}

export interface SamplingOptions {
  readonly request: Request;
  readonly seed: number;
  readonly guidance: GuidanceSchedule;
  /** Candidates per token; 0 or more than the codebook keeps all. */
  readonly topK: number;
  readonly topP: number;
  readonly temperature: number;
  /** Tokens that are given instead of drawn, for edits: ids and 1 where they stay, per scale. */
  readonly given?: readonly { readonly ids: Int32Array; readonly keep: Uint8Array }[];
  /**
   * Go on from mixtures of codes instead of the drawn ones: smoother to look at, not for measuring.
   * The ids are the drawn ones all the same.
   */
  readonly smooth?: boolean;
  /** Hand out the guided logits of every step, for parity checks. */
  readonly logits?: boolean;
  readonly signal?: AbortSignal;
}

export interface SamplingStep {
  readonly step: number;
  readonly steps: number;
  readonly ids: Int32Array;
  /** What was drawn before given tokens took their places. */
  readonly drawn: Int32Array;
  /** Guided logits [S, V], if they were asked for. */
  readonly logits?: Float32Array;
  /** The picture as far as it is known. */
  picture(): Promise<Picture>;
  pixels(): Promise<Float32Array>;
}

interface StepFunctions {
  /** Computes once for a picture what depends on its request alone. */
  readonly condition: CompiledFunction;
  readonly step: CompiledFunction;
}

export class NextScaleSampler {
  readonly #device: Device;
  readonly #model: NextScaleModel;
  readonly #decoder: ScaleDecoder;
  readonly #profile: string | undefined;
  readonly #steps = new Map<string, Promise<StepFunctions>>();

  private constructor(
    device: Device,
    model: NextScaleModel,
    decoder: ScaleDecoder,
    profile: string | undefined,
  ) {
    this.#device = device;
    this.#model = model;
    this.#decoder = decoder;
    this.#profile = profile;
  }

  /** @param profile path prefix of the engine's profiles, for benchmarks. */
  static async create(
    device: Device,
    model: NextScaleModel,
    profile?: string,
  ): Promise<NextScaleSampler> {
    const decoder = await ScaleDecoder.create(device, model.tokenizer, model.parameters, profile);
    return new NextScaleSampler(device, model, decoder, profile);
  }

  /**
   * Makes one picture, step by step. The events' pictures must be asked for before going on.
   *
   * @throws ConfigError for a request the model cannot express and for settings out of range; the
   * signal's reason if it aborts.
   */
  async *run(options: SamplingOptions): AsyncGenerator<SamplingStep> {
    const { order, conditioning, cache, tokenizer } = this.#model;
    const { steps } = order;
    requireSettings(options);
    const guided = isGuided(options.guidance, steps.length);
    const variant = {
      guided,
      // 0 and everything above the codebook's size mean all of it
      topK: Math.min(options.topK || tokenizer.codebookSize, tokenizer.codebookSize),
      smooth: options.smooth ?? false,
      logits: options.logits ?? false,
    };
    const requests = guided ? [options.request, null] : [options.request];
    const condition = conditioning.feeds(requests).feeds;
    const { condition: prepare, step } = await this.#step(variant);
    const state = new DeviceState();
    const names = this.#cacheNames();
    let inputs: HostTensor<Float32Array> = blank(steps[0]!.count, tokenizer.latentChannels);
    let held: number[] = [];
    try {
      await this.#emptyCache(state, requests.length);
      await prepare.run(condition, state);
      await this.#decoder.start();
      for (const [k, { start, count }] of steps.entries()) {
        options.signal?.throwIfAborted();
        held = await trimCache(this.#device, state, names, order, { policy: cache, step: k, held });
        const uniforms = random(options.seed, "sample", k).uniforms(count);
        const results = await step.run(
          {
            ...condition,
            inputs,
            first: Float32Array.of(k === 0 ? 1 : 0),
            positions: {
              data: Int32Array.from({ length: count }, (_, i) => start + i),
              dims: [count],
            },
            levels: { data: new Int32Array(count).fill(k), dims: [count] },
            uniforms: { data: uniforms, dims: [count, 1] },
            topP: Float32Array.of(options.topP),
            temperature: Float32Array.of(options.temperature),
            ...(guided && {
              guidance: Float32Array.of(guidanceAt(options.guidance, k, steps.length)),
            }),
            ...(variant.smooth && this.#smoothFeeds(options.seed, k)),
          },
          state,
        );
        held.push(k);
        const drawn = Int32Array.from(results.ids!.data as BigInt64Array, Number);
        const given = options.given?.[k];
        const ids = keepGiven(drawn, given);
        const mixed = results.codes && {
          codes: results.codes.data as Float32Array,
          ...(given && { keep: given.keep }),
        };
        inputs = await this.#decoder.add(k, ids, mixed);
        yield {
          step: k,
          steps: steps.length,
          ids,
          drawn,
          ...(results.logits && { logits: results.logits.data as Float32Array }),
          picture: () => this.#decoder.picture(),
          pixels: () => this.#decoder.pixels(),
        };
      }
    } finally {
      state.dispose();
    }
  }

  async close(): Promise<void> {
    for (const functions of this.#steps.values()) {
      const { condition, step } = await functions;
      await condition.release();
      await step.release();
    }
    this.#steps.clear();
    await this.#decoder.close();
  }

  #step(variant: StepVariant): Promise<StepFunctions> {
    const key = JSON.stringify(variant);
    const known = this.#steps.get(key) ?? this.#compileStep(variant);
    this.#steps.set(key, known);
    return known;
  }

  async #compileStep(variant: StepVariant): Promise<StepFunctions> {
    const { outputs, stores } = traceStep(this.#model, variant);
    const constants = constantsOf(this.#model);
    const fixed = new Set(Object.keys(this.#model.conditioning.feeds([null]).feeds));
    const tensors = invariantTensors(Object.values(outputs), fixed);
    const given = new Map(tensors.map((tensor, i) => [tensor, `condition ${i}`]));
    const condition = await compile(this.#device, "condition", resultsOf(given), {
      constants,
      // read once for a picture, by one or two rows: packing would take longer and double it
      unpacked: !hasBlocks(this.#model),
      stores: new Map([...given.values()].map((name) => [`new ${name}`, name])),
    });
    const step = await compile(this.#device, "step", outputs, {
      constants,
      stores,
      given,
      ...(this.#profile && { profile: `${this.#profile}-step` }),
    });
    return { condition, step };
  }

  async endProfiling(): Promise<void> {
    for (const functions of this.#steps.values()) (await functions).step.endProfiling();
    this.#decoder.endProfiling();
  }

  #smoothFeeds(seed: number, step: number): Record<string, Feed> {
    const { steps } = this.#model.order;
    const { codebookSize } = this.#model.tokenizer;
    const { count } = steps[step]!;
    const { sharpness, temperature } = smoothingAt(step, steps.length);
    const noise = gumbels(random(seed, "gumbel", step), count * codebookSize);
    return {
      gumbel: { data: noise, dims: [count, codebookSize] },
      sharpness: Float32Array.of(sharpness),
      smoothTemperature: Float32Array.of(temperature),
    };
  }

  #cacheNames(): string[] {
    const { depth } = this.#model.predictor;
    return Array.from({ length: depth }, (_, i) => [`keys${i}`, `values${i}`]).flat();
  }

  async #emptyCache(state: DeviceState, rows: number): Promise<void> {
    const { heads, width } = this.#model.predictor;
    const dims = [rows, heads, 0, width / heads];
    for (const name of this.#cacheNames()) {
      state.set(name, await this.#device.upload("float32", dims, new Float32Array(0)));
    }
  }
}

/** @throws ConfigError that lists every setting out of range. */
function requireSettings({ topK, topP, temperature }: SamplingOptions): void {
  const faults: string[] = [];
  if (!(Number.isInteger(topK) && topK >= 0)) faults.push(`top-k ${topK}`);
  if (!(topP > 0 && topP <= 1)) faults.push(`top-p ${topP}`);
  if (!(temperature > 0 && temperature < Infinity)) faults.push(`temperature ${temperature}`);
  if (faults.length === 0) return;
  throw new ConfigError({
    where: "sampling",
    expected:
      "a whole top-k (0 for no limit), top-p above 0 and up to 1, and a temperature above 0",
    got: faults.join(", "),
    hint: "For the most probable tokens alone use top-k 1.",
  });
}

/** Without packing, the kernel for blocks makes whole matrices float32 in every run. */
function hasBlocks({ matrices }: NextScaleModel): boolean {
  return matrices !== undefined && /blocks$/.test(matrices.format);
}

function constantsOf({ parameters, matrices }: NextScaleModel) {
  return new Map<string, Floats | PackedValues>([...parameters, ...(matrices?.values ?? [])]);
}

function resultsOf(given: ReadonlyMap<Tensor, string>): Record<string, Tensor> {
  return Object.fromEntries([...given].map(([tensor, name]) => [`new ${name}`, tensor]));
}

function blank(count: number, channels: number): HostTensor<Float32Array> {
  return { data: new Float32Array(count * channels), dims: [1, count, channels] };
}

function keepGiven(
  drawn: Int32Array,
  given: { readonly ids: Int32Array; readonly keep: Uint8Array } | undefined,
): Int32Array {
  return given ? drawn.map((id, i) => (given.keep[i] ? given.ids[i]! : id)) : drawn;
}
