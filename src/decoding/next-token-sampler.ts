/**
 * Plain decoding of a next-token model (sheet llamagen, "Pseudo-code, cached sampling"): the prefix in
 * one pass, then one token per pass, on a key-value cache that is written in place.
 *
 * Axes: P prefix rows · N tokens · T = P + N − 1 rows · R branches
 */
import { kept } from "../caches/policy.ts";
import { branches } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import { allocate } from "../graph/dtype.ts";
import { guidanceAt, isGuided } from "../guidance/schedule.ts";
import { hiddenBias } from "../orders/visibility.ts";
import { prefixLength } from "../predictors/next-token-predictor.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import type { Feed } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import { keptDtype } from "../runtime/precision.ts";
import { GridDecoder } from "./grid-decoder.ts";
import {
  sequenceRows,
  type TokenStepParts,
  type TokenStepVariant,
  traceTokenStep,
} from "./next-token-step.ts";
import {
  type CodeStep,
  keepGiven,
  type PictureSampler,
  requireSettings,
  type SamplerOptions,
  type SamplingOptions,
} from "./picture-sampler.ts";
import { compileStep, StepCache, type StepWeights } from "./step-functions.ts";

export type NextTokenModel = Omit<TokenStepParts, "matrices"> & StepWeights;

export class NextTokenSampler implements PictureSampler {
  readonly #device: Device;
  readonly #model: NextTokenModel;
  readonly #decoder: GridDecoder;
  readonly #steps: StepCache<TokenStepVariant>;

  private constructor(
    device: Device,
    model: NextTokenModel,
    decoder: GridDecoder,
    { profile }: SamplerOptions,
  ) {
    this.#device = device;
    this.#model = model;
    this.#decoder = decoder;
    this.#steps = new StepCache((variant) =>
      compileStep(device, traceTokenStep(model, variant), model, { ...(profile && { profile }) }),
    );
  }

  static async create(
    device: Device,
    model: NextTokenModel,
    options: SamplerOptions = {},
  ): Promise<NextTokenSampler> {
    const { tokenizer, parameters } = model;
    const decoder = await GridDecoder.create(device, tokenizer, parameters, options.profile);
    return new NextTokenSampler(device, model, decoder, options);
  }

  async *run(options: SamplingOptions): AsyncGenerator<CodeStep> {
    const { order, conditioning, tokenizer } = this.#model;
    const steps = order.steps.length;
    requireSettings(options);
    requireDrawnCodes(options);
    const guided = isGuided(options.guidance, steps);
    const requests = branches(conditioning, options.request, guided);
    const condition = conditioning.feeds(requests).feeds;
    const { condition: prepare, step } = await this.#steps.get({
      guided,
      // 0 and everything above the codebook's size mean all of it
      topK: Math.min(options.topK || tokenizer.codebookSize, tokenizer.codebookSize),
      nucleus: options.topP < 1,
      logits: options.logits ?? false,
      kept: keptDtype(this.#device),
    });
    const tokens = new Int32Array(steps);
    const state = new DeviceState();
    try {
      await this.#emptyCache(state, requests.length);
      await prepare.run(condition, state);
      for (let k = 0; k < steps; k++) {
        options.signal?.throwIfAborted();
        const results = await step.run(
          {
            ...condition,
            ...this.#rowFeeds(k, tokens, requests.length),
            uniforms: random(options.seed, "sample", k).uniforms(1),
            topP: Float32Array.of(options.topP),
            temperature: Float32Array.of(options.temperature),
            ...(guided && { guidance: Float32Array.of(guidanceAt(options.guidance, k, steps)) }),
          },
          state,
        );
        const drawn = Int32Array.from(results.ids!.data as BigInt64Array, Number);
        const ids = keepGiven(drawn, options.given?.[k]);
        tokens.set(ids, k);
        const known = tokens.subarray(0, k + 1);
        yield {
          step: k,
          steps,
          ids,
          drawn,
          ...(results.logits && { logits: results.logits.data as Float32Array }),
          picture: () => this.#decoder.picture(known),
          pixels: () => this.#decoder.pixels(known),
        };
      }
    } finally {
      state.dispose();
    }
  }

  async endProfiling(): Promise<void> {
    await this.#steps.endProfiling();
    this.#decoder.endProfiling();
  }

  async close(): Promise<void> {
    await this.#steps.release();
    await this.#decoder.close();
  }

  /** The rows of step `k`: the whole prefix at first, then the token before. */
  #rowFeeds(k: number, tokens: Int32Array, batch: number): Record<string, Feed> {
    const { conditioning, predictor } = this.#model;
    const prefix = prefixLength(conditioning);
    const count = k === 0 ? prefix : 1;
    const start = k === 0 ? 0 : prefix + k - 1;
    const rows = Array.from({ length: count }, (_, i) => start + i);
    const length = sequenceRows(this.#model);
    const { heads } = predictor;
    const places = new BigInt64Array(batch * heads * count * 3);
    for (let i = 0; i < batch * heads * count; i++) {
      places[3 * i] = BigInt(Math.floor(i / (heads * count)));
      places[3 * i + 1] = BigInt(Math.floor(i / count) % heads);
      places[3 * i + 2] = BigInt(start + (i % count));
    }
    return {
      read: {
        data: k === 0 ? new Int32Array(count) : tokens.slice(k - 1, k),
        dims: [count],
      },
      first: Float32Array.of(k === 0 ? 1 : 0),
      positions: { data: Int32Array.from(rows), dims: [count] },
      last: Int32Array.from({ length: batch }, (_, i) => (i + 1) * count - 1),
      newest: new Int32Array(batch).fill(start + count - 1),
      total: Int32Array.of(start + count),
      places: { data: places, dims: [batch, heads, count, 3] },
      visible: { data: this.#visible(k, rows), dims: [1, 1, count, length] },
    };
  }

  /** What order and cache show to rows of step `k`; the prefix is causal and belongs to step 0. */
  #visible(k: number, rows: readonly number[]): Float32Array {
    const { order, cache, conditioning } = this.#model;
    const length = sequenceRows(this.#model);
    const start = prefixLength(conditioning) - 1;
    const cached = new Set(kept(cache, k)).add(k);
    const bias = new Float32Array(rows.length * length).fill(hiddenBias);
    for (const [i, row] of rows.entries()) {
      for (let key = 0; key <= row; key++) {
        const step = Math.max(0, key - start);
        if (cached.has(step) && order.visible(k, step)) bias[i * length + key] = 0;
      }
    }
    return bias;
  }

  async #emptyCache(state: DeviceState, batch: number): Promise<void> {
    const { depth, heads, width } = this.#model.predictor;
    const dims = [batch, heads, sequenceRows(this.#model), width / heads];
    const count = dims.reduce((product, size) => product * size, 1);
    const dtype = keptDtype(this.#device);
    for (let block = 0; block < depth; block++) {
      for (const name of [`keys${block}`, `values${block}`]) {
        state.set(name, await this.#device.upload(dtype, dims, allocate(dtype, count)));
      }
    }
  }
}

/** @throws ConfigError, because the tokens that are read are codes and no mixtures of them. */
function requireDrawnCodes({ smooth }: SamplingOptions): void {
  if (!smooth) return;
  throw new ConfigError({
    where: "sampling",
    expected: "codes that are drawn: a next-token model reads no mixtures",
    got: "smooth",
  });
}
