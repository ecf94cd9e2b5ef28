/**
 * Plain decoding of a next-scale model (sheet var, "Sampling"): one pass per scale on a key-value
 * cache.
 *
 * Pictures are made one at a time, so that picture i of a run does not depend on its neighbours.
 *
 * Axes: S tokens of a step · V codebook
 */
import type { CachePolicy } from "../caches/policy.ts";
import { branches } from "../conditioning/conditioning.ts";
import { allocate } from "../graph/dtype.ts";
import { guidanceAt, isGuided } from "../guidance/schedule.ts";
import { gumbels, smoothingAt } from "../heads/smooth-codes.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import type { Feed } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import { keptDtype } from "../runtime/precision.ts";
import { ResultRooms } from "../runtime/result-rooms.ts";
import { trimCache } from "./cache-trim.ts";
import { cacheChains, type StepParts, type StepVariant, traceStep } from "./next-scale-step.ts";
import {
  type CodeStep,
  keepGiven,
  type PictureSampler,
  requireSettings,
  type SamplerOptions,
  type SamplingOptions,
} from "./picture-sampler.ts";
import { ScaleDecoder } from "./scale-decoder.ts";
import { compileStep, StepCache, type StepWeights } from "./step-functions.ts";

export interface NextScaleModel extends Omit<StepParts, "matrices">, StepWeights {
  readonly cache: CachePolicy;
}

export class NextScaleSampler implements PictureSampler {
  readonly #device: Device;
  readonly #model: NextScaleModel;
  readonly #decoder: ScaleDecoder;
  readonly #steps: StepCache<StepVariant>;
  /** Of the caches, which grow from scale to scale. */
  readonly #rooms = new ResultRooms();

  private constructor(
    device: Device,
    model: NextScaleModel,
    decoder: ScaleDecoder,
    options: SamplerOptions,
  ) {
    this.#device = device;
    this.#model = model;
    this.#decoder = decoder;
    const { profile, prepack = true } = options;
    this.#steps = new StepCache((variant) =>
      compileStep(device, traceStep(model, variant), model, {
        ...(profile && { profile }),
        unpacked: !prepack,
      }),
    );
  }

  static async create(
    device: Device,
    model: NextScaleModel,
    options: SamplerOptions = {},
  ): Promise<NextScaleSampler> {
    const { tokenizer, parameters } = model;
    const decoder = await ScaleDecoder.create(device, tokenizer, parameters, options.profile);
    return new NextScaleSampler(device, model, decoder, options);
  }

  async *run(options: SamplingOptions): AsyncGenerator<CodeStep> {
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
      kept: keptDtype(this.#device),
    };
    const requests = branches(conditioning, options.request, guided);
    const condition = conditioning.feeds(requests).feeds;
    const { condition: prepare, step } = await this.#steps.get(variant);
    const state = new DeviceState(this.#rooms);
    const chains = cacheChains(this.#model.predictor);
    const names = chains.flat();
    let held: number[] = [];
    try {
      await this.#emptyCache(state, chains, requests.length);
      await prepare.run(condition, state);
      await this.#decoder.start();
      for (const [k, { start, count }] of steps.entries()) {
        options.signal?.throwIfAborted();
        held = await trimCache(this.#device, state, names, order, { policy: cache, step: k, held });
        const uniforms = random(options.seed, "sample", k).uniforms(count);
        const results = await step.run(
          {
            ...condition,
            inputs: this.#decoder.inputs,
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
        await this.#decoder.add(k, ids, mixed);
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
    await this.#steps.release();
    await this.#decoder.close();
  }

  async endProfiling(): Promise<void> {
    await this.#steps.endProfiling();
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

  async #emptyCache(
    state: DeviceState,
    chains: readonly (readonly string[])[],
    rows: number,
  ): Promise<void> {
    const { heads, width } = this.#model.predictor;
    const dims = [rows, heads, 0, width / heads];
    const dtype = keptDtype(this.#device);
    const tokens = this.#model.order.steps.reduce((sum, { count }) => sum + count, 0);
    for (const chain of chains) this.#rooms.reserve(chain, dtype, rows * tokens * width);
    for (const name of chains.flat()) {
      state.set(name, await this.#device.upload(dtype, dims, allocate(dtype, 0)));
    }
  }
}
