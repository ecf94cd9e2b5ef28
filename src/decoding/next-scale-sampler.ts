/**
 * Plain decoding of a next-scale model (sheet var, "Sampling"): one pass per scale on a key-value
 * cache, with guidance and the draw inside the graph. One graph serves all scales.
 *
 * Pictures are made one at a time, so that picture i of a run does not depend on its neighbours.
 *
 * Axes: R rows, conditional then unconditional · S new tokens · P cached tokens · V codebook
 */
import type { CachePolicy } from "../caches/policy.ts";
import type { Conditioning, Request } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import { namedDim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import { type GuidanceSchedule, guidanceAt, isGuided } from "../guidance/schedule.ts";
import { candidates, draw, guide } from "../heads/categorical.ts";
import type { Picture } from "../images/picture.ts";
import { Scope } from "../nn/layer.ts";
import type { Order } from "../orders/order.ts";
import type { AdaLnTransformerOptions } from "../predictors/adaln-transformer.ts";
import { nextScalePredictor } from "../predictors/next-scale-predictor.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import { DeviceState, type HostTensor } from "../runtime/handle.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import { trimCache } from "./cache-trim.ts";
import { ScaleDecoder } from "./scale-decoder.ts";

export interface NextScaleModel {
  readonly tokenizer: ScaleTokenizerOptions;
  readonly order: Order;
  readonly predictor: AdaLnTransformerOptions;
  readonly conditioning: Conditioning;
  readonly cache: CachePolicy;
  /** Of the tokenizer and of the transformer, by path. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
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
  /** Hand out the guided logits of every step, for parity checks. */
  readonly logits?: boolean;
  readonly signal?: AbortSignal;
}

export interface SamplingStep {
  readonly step: number;
  readonly steps: number;
  readonly ids: Int32Array;
  /** Guided logits [S, V], if they were asked for. */
  readonly logits?: Float32Array;
  /** The picture as far as it is known. */
  picture(): Promise<Picture>;
  pixels(): Promise<Float32Array>;
}

interface Variant {
  readonly guided: boolean;
  readonly topK: number;
  readonly logits: boolean;
}

export class NextScaleSampler {
  readonly #device: Device;
  readonly #model: NextScaleModel;
  readonly #decoder: ScaleDecoder;
  readonly #steps = new Map<string, Promise<CompiledFunction>>();

  private constructor(device: Device, model: NextScaleModel, decoder: ScaleDecoder) {
    this.#device = device;
    this.#model = model;
    this.#decoder = decoder;
  }

  static async create(device: Device, model: NextScaleModel): Promise<NextScaleSampler> {
    const decoder = await ScaleDecoder.create(device, model.tokenizer, model.parameters);
    return new NextScaleSampler(device, model, decoder);
  }

  /**
   * Makes one picture, step by step. The events' pictures must be asked for before going on.
   *
   * @throws ConfigError for a request the model cannot express; the signal's reason if it aborts.
   */
  async *run(options: SamplingOptions): AsyncGenerator<SamplingStep> {
    const { order, conditioning, cache, tokenizer } = this.#model;
    const { steps } = order;
    const guided = isGuided(options.guidance, steps.length);
    const variant = {
      guided,
      topK: candidateCount(options.topK, tokenizer.codebookSize),
      logits: options.logits ?? false,
    };
    const step = await this.#step(variant);
    const requests = guided ? [options.request, null] : [options.request];
    const condition = conditioning.feeds(requests).feeds;
    const state = new DeviceState();
    await this.#emptyCache(state, requests.length);
    await this.#decoder.start();
    const names = this.#cacheNames();
    let inputs: HostTensor<Float32Array> = blank(steps[0]!.count, tokenizer.latentChannels);
    let held: number[] = [];
    try {
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
          },
          state,
        );
        held.push(k);
        const drawn = Int32Array.from(results.ids!.data as BigInt64Array, Number);
        const ids = keepGiven(drawn, options.given?.[k]);
        inputs = await this.#decoder.add(k, ids);
        yield {
          step: k,
          steps: steps.length,
          ids,
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
    for (const step of this.#steps.values()) await (await step).release();
    this.#steps.clear();
    await this.#decoder.close();
  }

  #step(variant: Variant): Promise<CompiledFunction> {
    const key = JSON.stringify(variant);
    const known = this.#steps.get(key) ?? this.#compileStep(variant);
    this.#steps.set(key, known);
    return known;
  }

  #compileStep(variant: Variant): Promise<CompiledFunction> {
    const { outputs, stores } = traceStep(this.#model, variant);
    return compile(this.#device, "step", outputs, {
      constants: this.#model.parameters,
      stores,
    });
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

/** 0 and everything above the codebook's size mean all of it. */
function candidateCount(topK: number, codebookSize: number): number {
  if (!Number.isInteger(topK) || topK < 0) {
    throw new ConfigError({
      where: "top-k",
      expected: "a whole number, 0 for no limit",
      got: String(topK),
    });
  }
  return topK === 0 ? codebookSize : Math.min(topK, codebookSize);
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

/** One step for all rows at once: logits, guidance, truncation, draw, and the longer caches. */
function traceStep(model: NextScaleModel, { guided, topK, logits: wanted }: Variant) {
  const { order, predictor, conditioning, tokenizer } = model;
  const rows = guided ? 2 : 1;
  const size = predictor.width / predictor.heads;
  const [s, p] = [namedDim("s"), namedDim("p")];
  const bound = nextScalePredictor({
    ...predictor,
    order,
    latentChannels: tokenizer.latentChannels,
    conditioning,
  }).bind(new Scope());
  const outputs: Record<string, Tensor> = {};
  const stores = new Map<string, string>();
  const extended = (name: string, added: Tensor): Tensor => {
    const before = input(name, "float32", [rows, predictor.heads, p, size]);
    const longer = concat([before, added], 2);
    outputs[`new ${name}`] = longer;
    stores.set(`new ${name}`, name);
    return longer;
  };
  const given = input("inputs", "float32", [1, s, tokenizer.latentChannels]);
  const logits = bound.step(
    {
      inputs: given,
      first: input("first", "float32", []),
      positions: input("positions", "int32", [s]),
      levels: input("levels", "int32", [s]),
    },
    bound.condition(conditioning.inputs(rows)),
    {
      attended: (block) => ({
        extend: (keys, values) => ({
          keys: extended(`keys${block}`, keys),
          values: extended(`values${block}`, values),
        }),
      }),
    },
  );
  const single = guided
    ? guide(slice(logits, 0, 0, 1), slice(logits, 0, 1, 2), input("guidance", "float32", []))
    : logits;
  const perToken = reshape(single, [s, predictor.logits]);
  const best = candidates(perToken, {
    topK,
    topP: input("topP", "float32", []),
    temperature: input("temperature", "float32", []),
  });
  outputs.ids = draw(best, input("uniforms", "float32", [s, 1]));
  if (wanted) outputs.logits = perToken;
  return { outputs, stores };
}
